"""Works in the admin: search by meaning, facet filters, and embedding again."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import BigIntegerField, F, Func, IntegerField, QuerySet, Value
from django.http import HttpRequest

from museum.admin.bulk_actions import MAX_BULK_ROWS
from museum.admin.filters import ValuesFilter
from museum.admin.works import ArtworkAdmin
from museum.models import Artwork
from search import tasks
from search.embeddings import embed, registry
from search.engine import errors, search
from search.models import Embedding
from search.query.facets import FACETS, Facet, Kind
from search.query.query import Query

MEANING_DEPTH = 100  # works found by meaning: two pages of the list
WORKS_PER_TASK = 128


class MeaningFilter(admin.SimpleListFilter):
    """Accept `by=meaning` in the URL; the choice itself is beside the search field."""

    title = parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return no choices."""
        return []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Return None: nothing is filtered."""


class ShownFilter(admin.SimpleListFilter):
    """Works shown on a first page of results, or works that never were."""

    title = "found by visitors"
    parameter_name = "found"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return both choices."""
        return [("yes", "shown on a first page"), ("never", "never shown on a first page")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> QuerySet[Artwork]:
        """Filter by the retrieval counters of search/analytics/query_log.py."""
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
class SearchableArtworkAdmin(ArtworkAdmin):
    """The admin of works with search by meaning, by the engine that answers visitors."""

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
        """Search by meaning if the URL asks for it, best first; otherwise by words."""
        query = Query.parse(search_term, limit=MEANING_DEPTH, dedupe=False)
        if request.GET.get("by") != "meaning" or query.is_blank:
            return super().get_search_results(request, queryset, search_term)
        try:
            answer = search.search(query)
        except errors.SearchUnavailableError:
            self.message_user(request, "Search is temporarily unavailable.", messages.ERROR)
            return queryset.none(), False
        for warning in answer.warnings:
            self.message_user(request, str(warning), messages.WARNING)
        keys = [hit.artwork.pk for hit in answer.hits]
        queryset = queryset.filter(pk__in=keys)
        # A click on a column sets another order.
        return (queryset if "o" in request.GET else queryset.order_by(_place(keys))), False

    @admin.action(description="Embed again", permissions=["process"])
    def embed_again(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Embed the chosen works again; the old vectors serve until the new ones exist."""
        model = registry.active()
        works = list(
            queryset.select_related(None)
            .only("artic_id", "title")
            .order_by("pk")[: MAX_BULK_ROWS + 1]
        )
        if model is None or len(works) > MAX_BULK_ROWS:
            error = f"Choose at most {MAX_BULK_ROWS:,} works." if model else "No model is active."
            return self.message_user(request, error, messages.ERROR)
        keys = [work.pk for work in works]
        with transaction.atomic():
            Embedding.objects.filter(model=model, artwork__in=keys).update(source_hash="")
            user: Any = request.user
            LogEntry.objects.log_actions(user.pk, works, CHANGE, "To be embedded again.")
        message = f"{len(keys)} will be embedded by the next manage.py embed."
        if settings.REDIS_URL:
            for batch in embed.batches(keys, WORKS_PER_TASK):
                tasks.embed_artworks.delay(batch, model.pk)
            message = f"{len(keys)} are being embedded."
        return self.message_user(request, message, messages.SUCCESS)


def _place(keys: Sequence[int]) -> Func:
    order = Value(list(keys), output_field=ArrayField(BigIntegerField()))
    return Func(order, F("pk"), function="array_position", output_field=IntegerField())
