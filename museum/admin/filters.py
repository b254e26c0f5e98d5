"""Filters of lists that a large collection can bear."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Func, Q, QuerySet
from django.http import HttpRequest

from museum.core.caching import typed_cache
from museum.models import Artwork, ArtworkQuerySet

VALUES_TTL_SECONDS = 600


class ValuesFilter(admin.SimpleListFilter):
    """The values of one column of texts, or of arrays of texts where `is_list`.

    They are collected once in a while: each time would read every work.
    """

    is_list = False

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every value that some work has."""
        name = self.parameter_name or ""
        values = typed_cache.read_or_make(
            f"admin-values-{name}", list[str], lambda: self._values(name), VALUES_TTL_SECONDS
        )
        return [(value, value) for value in values]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Artwork]
    ) -> QuerySet[Artwork] | None:
        """Works with the value chosen."""
        value, name = self.value(), self.parameter_name or ""
        if not value:
            return None
        lookup: dict[str, Any] = {f"{name}__contains": [value]} if self.is_list else {name: value}
        return queryset.filter(**lookup)

    def _values(self, name: str) -> list[str]:
        value: Any = Func(F(name), function="unnest") if self.is_list else F(name)
        works = Artwork.objects.order_by().exclude(**{name: None})
        return sorted(works.values_list(value, flat=True).distinct())


class AltTextFilter(admin.SimpleListFilter):
    """Works whose picture is described to nobody who cannot see it."""

    title = "alternative text"
    parameter_name = "alt"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """There is one thing to look for."""
        return [("missing", "Missing")]

    def queryset(self, request: HttpRequest, queryset: ArtworkQuerySet) -> ArtworkQuerySet | None:  # type: ignore[override]
        """Pictured works without an alternative text that says anything."""
        return queryset.lacking_alt_text() if self.value() else None


class CorrectedFilter(admin.SimpleListFilter):
    """Works of which a curator has changed the record."""

    title = "record"
    parameter_name = "corrected"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """There is one thing to look for."""
        return [("yes", "Corrected by a curator")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Artwork]
    ) -> QuerySet[Artwork] | None:
        """Works with corrections."""
        return queryset.filter(~Q(curated_fields=[])) if self.value() else None
