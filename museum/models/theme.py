"""Themes: works that a curator has put together, in an order, with a text."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from museum.models.artwork import Artwork, ArtworkQuerySet
from museum.models.history import CuratorsHistory

# Works in one theme: more than anybody looks through, and one statement's worth.
MOST = 500


class ThemeQuerySet(models.QuerySet["Theme"]):
    """Selections of themes by what may be shown."""

    def published(self) -> Self:
        """Themes whose time has come and is not over."""
        now = timezone.now()
        return self.filter(
            Q(published_until__isnull=True) | Q(published_until__gt=now), published_from__lte=now
        )


def covers(themes: Iterable["Theme"]) -> dict[int, Artwork]:
    """Return the work whose picture stands for each of `themes`, by the theme's primary key.

    Those without a cover of their own that may be shown have the first such work; they cost one
    query together.
    """
    found: dict[int, Artwork] = {}
    lacking = []
    for theme in themes:
        cover = theme.cover
        if cover and not (cover.is_hidden or cover.withdrawn_at) and cover.image_sha256:
            found[theme.pk] = cover
        else:
            lacking.append(theme.pk)
    if lacking:
        works = Artwork.objects.visible().pictured().filter(theme_places__theme__in=lacking)
        works = works.annotate(theme_id=F("theme_places__theme")).defer("search_document")
        order = ("theme_places__theme_id", "theme_places__position", "theme_places__pk")
        firsts: Iterable[Any] = works.order_by(*order).distinct("theme_places__theme_id")
        for work in firsts:
            found[work.theme_id] = work
    return found


class Theme(models.Model):
    """A choice of works with a title and a text. Without `published_from` it is a draft."""

    title = models.CharField(max_length=200)
    slug = models.SlugField(
        max_length=100, db_index=False, help_text="Used in the address of the page."
    )
    text = models.TextField(blank=True, help_text="Plain text.")
    licence = models.TextField(blank=True, help_text="Licence of the text.")
    cover = models.ForeignKey(
        "museum.Artwork",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Leave empty to use the first work that has a picture.",
    )
    works = models.ManyToManyField(
        "museum.Artwork", through="museum.ThemeWork", related_name="themes"
    )
    published_from = models.DateTimeField(
        null=True, blank=True, help_text="Leave empty to keep the theme a draft."
    )
    published_until = models.DateTimeField(
        null=True, blank=True, help_text="Leave empty to publish it without an end date."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ThemeQuerySet.as_manager()
    history = CuratorsHistory(excluded_fields=["created_at", "updated_at"])

    class Meta:
        ordering = ["-published_from", "pk"]
        permissions = [("publish_theme", "Can say when a theme is shown")]
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="museum_theme_slug_unique"),
            models.CheckConstraint(
                condition=Q(published_until__isnull=True)
                | Q(published_until__gt=F("published_from")),
                name="museum_theme_ends_after_it_begins",
                violation_error_message="It must end after it begins.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def visible_works(self) -> ArtworkQuerySet:
        """Return its works that visitors may see, in the curator's order."""
        works = Artwork.objects.visible().filter(theme_places__theme=self)
        return works.order_by("theme_places__position", "theme_places__pk")

    def visible_cover(self) -> Artwork | None:
        """Return the work whose picture stands for the theme; None where none has one."""
        return covers([self]).get(self.pk)


class ThemeWork(models.Model):
    """The place of one work in one theme."""

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="places")
    artwork = models.ForeignKey(
        "museum.Artwork", on_delete=models.CASCADE, related_name="theme_places"
    )
    position = models.PositiveIntegerField(default=0, help_text="Lower numbers come first.")

    class Meta:
        ordering = ["theme", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["theme", "artwork"], name="museum_theme_work_once_a_theme"
            ),
        ]

    def __str__(self) -> str:
        # A list of places must not ask for the work of each.
        is_known = type(self).artwork.is_cached(self)
        return str(self.artwork) if is_known else f"{self.artwork_id} in {self.theme_id}"
