"""Relevance judgments by people: queries, pooled works and grades."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from museum.models import Artwork
from search.models.unique_query import KeyedQuery


class JudgmentQuery(KeyedQuery):
    """A query whose results people judge.

    Test queries measure how good a model is, so no model may be trained or chosen by them. A query
    keeps its split once it has been judged. Queries are identified by `key`.
    """

    class Split(models.TextChoices):
        TRAINING = "training", "training: for tuning and for hard negatives"
        TEST = "test", "test: for reporting only"

    DUPLICATE_MESSAGE = "This query already exists."

    query = models.CharField(max_length=500, help_text="As a visitor would type it.")
    split = models.SlugField(
        max_length=8, choices=Split.choices, default=Split.TRAINING, db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    pooled_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "query to judge"
        verbose_name_plural = "queries to judge"
        ordering = ["query", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="search_judgment_query_unique"),
            models.CheckConstraint(condition=~Q(key=""), name="search_judgment_query_not_empty"),
            models.CheckConstraint(
                condition=Q(split__in=["training", "test"]),
                name="search_judgment_query_split_known",
            ),
        ]

    def __str__(self) -> str:
        return self.query


class PooledWork(models.Model):
    """A work to judge for a query, because some ranking found it.

    `ranks` is its place, from 1, in each ranking that found it, by the ranking's name.
    """

    query = models.ForeignKey(JudgmentQuery, on_delete=models.CASCADE, related_name="pool")
    artwork = models.ForeignKey(Artwork, on_delete=models.CASCADE, related_name="+")
    ranks = models.JSONField(default=dict)

    class Meta:
        ordering = ["query", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["query", "artwork"], name="search_pooled_work_once_a_query"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.artwork_id} for {self.query_id}"


class Judgment(models.Model):
    """One rater's grade of a work for a query; `rater` is None after the account is deleted."""

    class Grade(models.IntegerChoices):
        NOT = 0, "does not fit"
        NEAR = 1, "close"
        FITS = 2, "fits"
        EXACT = 3, "exactly what was asked for"

    query = models.ForeignKey(JudgmentQuery, on_delete=models.CASCADE, related_name="judgments")
    artwork = models.ForeignKey(Artwork, on_delete=models.CASCADE, related_name="+")
    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    grade = models.PositiveSmallIntegerField(choices=Grade.choices)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["query", "artwork", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["query", "artwork", "rater"], name="search_judgment_once_a_rater"
            ),
            models.CheckConstraint(condition=Q(grade__lte=3), name="search_judgment_grade_known"),
        ]

    def __str__(self) -> str:
        return f"{self.grade} for {self.artwork_id}"
