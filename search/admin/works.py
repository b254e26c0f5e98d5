"""Works in the admin, found by meaning too, and embedded again."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import BigIntegerField, F, Func, IntegerField, QuerySet, Value
from django.http import HttpRequest

from museum.admin.filters import ValuesFilter
from museum.admin.works import MOST, ArtworkAdmin
from museum.models import Artwork
from search import tasks
from search.embeddings import embed, registry
from search.engine import errors, search
from search.models import Embedding
from search.query.facets import FACETS, Facet, Kind
from search.query.query import Query

DEPTH = 100  # works found by meaning: two pages of the list
TASK_SIZE = 128


class MeaningFilter(admin.SimpleListFilter):
    """Takes `by=meaning` out of the address; the choice itself stands beside the search field."""

    title = parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Nothing to choose at the side of the list."""
        return []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Nothing to filter by."""


class ShownFilter(admin.SimpleListFilter):
    """Works that a first page of an answer has shown, and those that no search brings up."""

    title = "found by visitors"
    parameter_name = "found"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Either."""
        return [("yes", "shown on a first page"), ("never", "never shown on a first page")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> QuerySet[Artwork]:
        """By whether they have been counted (querylog.py)."""
        if self.value() not in {"yes", "never"}:
            return queryset
        return queryset.filter(retrievals__isnull=self.value() == "never")


def facet_filter(facet: Facet) -> str | type[ValuesFilter]:
    """Return the list filter of a facet."""
    if facet.kind is Kind.FLAG:
        return facet.column
    attributes = {
        "title": facet.name,
        "parameter_name": facet.column,
        "is_list": facet.kind is Kind.LIST,
    }
    return type(f"{facet.name.title()}Filter", (ValuesFilter,), attributes)


admin.site.unregister(Artwork)


@admin.register(Artwork)
class FoundArtworkAdmin(ArtworkAdmin):
    """As in `museum.admin`, with the engine that answers visitors."""

    finds_by_meaning = True
    list_filter = [
        *ArtworkAdmin.list_filter,
        *(facet_filter(facet) for facet in FACETS if facet.is_in_admin),
        ShownFilter,
        MeaningFilter,
    ]
    actions = [*ArtworkAdmin.actions, "embed_again"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Artwork], search_term: str
    ) -> tuple[QuerySet[Artwork], bool]:
        """Ask the engine where that is wanted, best first; else look up words."""
        query = Query.parse(search_term, limit=DEPTH, dedupe=False)
        if request.GET.get("by") != "meaning" or query.is_blank:
            return super().get_search_results(request, queryset, search_term)
        try:
            found = search.search(query)
        except errors.SearchUnavailableError:
            self.message_user(request, "Search is temporarily unavailable.", messages.ERROR)
            return queryset.none(), False
        for warning in found.warnings:
            self.message_user(request, str(warning), messages.WARNING)
        keys = [hit.artwork.pk for hit in found.hits]
        queryset = queryset.filter(pk__in=keys)
        # Whoever has clicked on a column wants that order.
        return (queryset if "o" in request.GET else queryset.order_by(_place(keys))), False

    @admin.action(description="Embed again", permissions=["process"])
    def embed_again(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Have new vectors made; the old ones go on answering until those are there."""
        model = registry.active()
        works = list(
            queryset.select_related(None).only("artic_id", "title").order_by("pk")[: MOST + 1]
        )
        if model is None or len(works) > MOST:
            mend = f"Choose at most {MOST:,} works." if model else "No model is active."
            return self.message_user(request, mend, messages.ERROR)
        keys = [work.pk for work in works]
        with transaction.atomic():
            Embedding.objects.filter(model=model, artwork__in=keys).update(source_hash="")
            user: Any = request.user
            LogEntry.objects.log_actions(user.pk, works, CHANGE, "To be embedded again.")
        said = f"{len(keys)} will be embedded by the next manage.py embed."
        if settings.REDIS_URL:
            for batch in embed.batches(keys, TASK_SIZE):
                tasks.embed_artworks.delay(batch, model.pk)
            said = f"{len(keys)} are being embedded."
        return self.message_user(request, said, messages.SUCCESS)


def _place(keys: Sequence[int]) -> Func:
    order = Value(list(keys), output_field=ArrayField(BigIntegerField()))
    return Func(order, F("pk"), function="array_position", output_field=IntegerField())
