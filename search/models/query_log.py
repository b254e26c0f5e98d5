"""The anonymous query log, and how often each work was found."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from museum.models import Artwork


class QueryLog(models.Model):
    """One search: its words and what it found, never the visitor. Only first pages are logged.

    `at` is a whole minute. `filters` names the parameters used besides the words, without their
    values. `relevance` is that of the best work, "" if no work was found or ranked.
    """

    class Source(models.TextChoices):
        SITE = "site"
        API = "api", "API"

    at = models.DateTimeField()
    query = models.TextField(blank=True)
    key = models.TextField(blank=True, help_text="Normalised form used for comparing queries.")
    filters = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    count = models.PositiveIntegerField()
    relevance = models.SlugField(max_length=8, blank=True, db_index=False)
    milliseconds = models.FloatField()
    model = models.CharField(max_length=100, blank=True, help_text="Name of the model.")
    source = models.SlugField(max_length=4, choices=Source.choices, db_index=False)

    class Meta:
        verbose_name = "search"
        verbose_name_plural = "query log"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["at"], name="search_query_log_at")]

    def __str__(self) -> str:
        return self.query


class Retrievals(models.Model):
    """How often a work was on the first page of results, and the last date."""

    artwork = models.OneToOneField(
        Artwork, on_delete=models.CASCADE, primary_key=True, related_name="retrievals"
    )
    times = models.PositiveBigIntegerField()
    last_on = models.DateField()

    class Meta:
        verbose_name_plural = "retrievals"
        indexes = [models.Index(fields=["-times"], name="search_retrievals_times")]

    def __str__(self) -> str:
        return f"{self.artwork_id}: {self.times}"
