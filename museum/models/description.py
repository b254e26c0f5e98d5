"""Texts about works: the museum's, curators' and those that models wrote."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, Value

from museum.models.artwork import Artwork
from museum.models.history import CuratorsHistory
from museum.models.lookups import is_common, matches_in_order

# Texts that a person should look at before visitors do, or instead of them.
UNREVIEWED = Q(reviewed_at__isnull=True) & (Q(source="generated") | Q(is_boilerplate=True))


ALT_TEXTS = ("curator_alt_text", "alt_text")


class DescriptionQuerySet(models.QuerySet["Description"]):
    """Selections of texts by what they are good for."""

    def unreviewed(self) -> Self:
        """Texts of models and texts that say nothing, about which nobody has decided."""
        return self.filter(UNREVIEWED)

    def found_by(self, typed: str) -> Self:
        """Texts of works that are found by those words."""
        found = Artwork.objects.indexed(typed)
        if is_common(found):
            return self.filter(matches_in_order(typed, "artwork__"))
        return self.filter(artwork__in=found)

    def alt_texts(self) -> Self:
        """Alternative texts that may be read to visitors."""
        return self.filter(source__in=ALT_TEXTS, is_approved=True, is_boilerplate=False)


class Description(models.Model):
    """One text about a work, plain and as cleaned HTML, with where it came from and its licence.

    Only approved texts are searched and shown. AIC's texts are replaced when AIC changes them;
    a curator's text is a row of its own and is never overwritten. `reviewed_at` is when somebody
    decided about a text that a model wrote, or one that says nothing; None again when it changes.
    """

    class Source(models.TextChoices):
        DESCRIPTION = "description", "museum description"
        SHORT_DESCRIPTION = "short_description", "museum short description"
        ALT_TEXT = "alt_text", "alternative text of the picture"
        GENERATED = "generated", "written by a model"
        CURATOR = "curator", "written by a curator"
        CURATOR_ALT_TEXT = "curator_alt_text", "alternative text written by a curator"

    artwork = models.ForeignKey(Artwork, on_delete=models.CASCADE, related_name="descriptions")
    source = models.SlugField(choices=Source.choices)
    language = models.CharField(max_length=12, default="en")
    text = models.TextField(help_text="Plain text.")
    html = models.TextField(blank=True, help_text="The same text as cleaned HTML.")
    licence = models.TextField(blank=True)
    is_approved = models.BooleanField(default=True)
    is_boilerplate = models.BooleanField(
        default=False,
        help_text='Says nothing specific about this work, such as "A work made of oil on canvas."',
    )
    reviewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    search_document = models.GeneratedField(
        expression=Func(Value("D"), F("text"), function="museum_text_document"),
        output_field=SearchVectorField(),
        db_persist=True,
        editable=False,
    )

    objects = DescriptionQuerySet.as_manager()
    history = CuratorsHistory(excluded_fields=["search_document", "created_at", "updated_at"])

    class Meta:
        ordering = ["artwork", "source", "language"]
        permissions = [("review_description", "Can approve and reject descriptions")]
        constraints = [
            models.UniqueConstraint(
                fields=["artwork", "source", "language"], name="museum_description_unique"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="museum_description_not_empty"),
        ]
        indexes = [
            GinIndex(fields=["search_document"], name="museum_description_doc_gin"),
            models.Index(
                fields=["source", "artwork"],
                condition=UNREVIEWED,
                name="museum_description_unreviewed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()}: {self.text[:60]}"
