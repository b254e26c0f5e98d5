"""Collections: the themes that curators have published, and the works in each."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from museum.models import Artwork, Theme, ThemeQuerySet, covers
from search.api import pagination, parameters, serializers
from search.api.base import ApiView
from search.api.conditional import conditional
from search.api.openapi import described
from search.embeddings import registry

_VISIBLE = Q(works__is_hidden=False, works__withdrawn_at__isnull=True)


class CollectionsView(ApiView):
    """Themes whose time has come and is not over."""

    @described(
        "collections",
        "List collections",
        parameters.CollectionsParameters,
        serializers.CollectionsAnswerSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """List the published collections, latest first."""
        form = parameters.read(parameters.CollectionsParameters, request)
        limit, offset = form.page()
        themes = _published()
        page = list(themes[offset : offset + limit])
        fields = form.cleaned_data["fields"]
        answer = {
            **_about(page),
            "count": themes.count(),
            "limit": limit,
            "offset": offset,
            "results": page,
        }
        context = {
            "request": request,
            "fields": fields,
            "covers": covers(page) if not fields or "image" in fields else {},
        }
        return _paged(
            request, serializers.CollectionsAnswerSerializer(answer, context=context).data
        )


class CollectionView(ApiView):
    """One theme with its works."""

    @described(
        "collection",
        "Read a collection",
        parameters.CollectionParameters,
        serializers.CollectionAnswerSerializer,
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Read one collection and its works, in the curator's order."""
        form = parameters.read(parameters.CollectionParameters, request)
        limit, offset = form.page()
        theme = _published().filter(slug=slug).first()
        if theme is None:
            raise Http404(f"There is no collection {slug}.")
        works = theme.visible_works().select_related("artist").defer("search_document")
        page = list(works[offset : offset + limit])
        answer = {
            "collection": theme,
            **_about([theme], page),
            "count": works.count(),
            "limit": limit,
            "offset": offset,
            "results": page,
        }
        context = {
            "request": request,
            "fields": form.cleaned_data["fields"],
            "covers": {theme.pk: theme.visible_cover()},
        }
        return _paged(request, serializers.CollectionAnswerSerializer(answer, context=context).data)


def _published() -> ThemeQuerySet:
    themes = Theme.objects.published().select_related("cover").defer("cover__search_document")
    counted = themes.annotate(work_count=Count("works", filter=_VISIBLE))
    # The model's own order does not hold where works are counted.
    return counted.order_by("-published_from", "pk")


def _about(themes: list[Theme], works: Iterable[Artwork] = ()) -> dict[str, Any]:
    found = serializers.about(registry.active(), works)
    own = {theme.licence for theme in themes if theme.text and theme.licence}
    found["licences"]["texts"] = sorted(own | set(found["licences"]["texts"]))
    return found


def _paged(request: Request, body: Mapping[str, Any]) -> HttpResponse:
    response = Response(body)
    response["Link"] = pagination.to_pages_of_list(
        request, body["limit"], body["offset"], body["count"]
    )
    return conditional(request, response, body)
