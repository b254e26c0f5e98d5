"""The curators' decisions about searches; search/curation/rules.py applies them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from museum.models import Artwork
from search.models.unique_query import KeyedQuery
from search.text import normalised


class CuratedQuery(KeyedQuery):
    """A query with its pinned and hidden works, and the text to search instead.

    Queries are identified by `key`, which ignores case and accents.
    """

    DUPLICATE_MESSAGE = "This query is curated already."

    query = models.CharField(max_length=500, help_text="As visitors type it.")
    rewrite = models.CharField(
        max_length=500,
        blank=True,
        help_text="Search for this instead. Leave empty to search for what was typed.",
    )
    note = models.TextField(blank=True, help_text="A note for other curators.")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "curated queries"
        ordering = ["query", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="search_curated_query_unique"),
            models.CheckConstraint(condition=~Q(key=""), name="search_curated_query_not_empty"),
        ]

    def __str__(self) -> str:
        return self.query


class CuratedWork(models.Model):
    """A work that a query pins or hides."""

    class Action(models.TextChoices):
        PIN = "pin", "show first"
        HIDE = "hide", "never show"

    curated_query = models.ForeignKey(CuratedQuery, on_delete=models.CASCADE, related_name="works")
    artwork = models.ForeignKey(Artwork, on_delete=models.CASCADE, related_name="+")
    action = models.SlugField(
        max_length=8, choices=Action.choices, default=Action.PIN, db_index=False
    )
    position = models.PositiveIntegerField(default=0, help_text="Lower numbers come first.")

    class Meta:
        ordering = ["curated_query", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["curated_query", "artwork"], name="search_curated_work_once_a_query"
            ),
            models.CheckConstraint(
                condition=Q(action__in=["pin", "hide"]), name="search_curated_work_action_known"
            ),
        ]

    def __str__(self) -> str:
        # A list must not query the work of each row.
        is_known = type(self).artwork.is_cached(self)
        return str(self.artwork) if is_known else f"{self.artwork_id}: {self.action}"


class Synonyms(models.Model):
    """Terms that mean the same: a search for any of them finds works that carry another.

    They apply to the words of records and descriptions, not to picture models.
    """

    terms = ArrayField(
        models.CharField(max_length=100),
        help_text="Two or more words separated by commas, for example: sofa, couch.",
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "synonyms"
        ordering = ["terms", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(terms__len__gte=2),
                name="search_synonyms_at_least_two",
                violation_error_message="Give two terms or more, divided by commas.",
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(self.terms)

    def clean(self) -> None:
        """Drop empty and repeated terms."""
        by_key = {normalised(term): term.strip() for term in reversed(self.terms or [])}
        by_key.pop("", None)
        self.terms = list(by_key.values())[::-1]
