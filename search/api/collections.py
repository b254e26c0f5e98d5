"""Collections: the themes that curators have published, and the works in each."""

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from museum.images.urls import picture_url
from museum.models import Artwork, ThemeQuerySet
from museum.models.artwork import Theme
from museum.models.theme import covers
from search.api import pagination, parameters, serializers
from search.api.base import ApiView
from search.api.conditional import conditional
from search.api.openapi import described
from search.embeddings import registry
from search.query.forms import MAX_LIMIT

LIMIT = 20
MAX_OFFSET = 1_000_000
FIELDS = (
    "slug", "title", "text", "licence", "image", "count", "published_from", "published_until",
    "url",
)  # fmt: skip
_VISIBLE = Q(works__is_hidden=False, works__withdrawn_at__isnull=True)


def _whole(least: int, most: int, mend: str, default: int) -> forms.IntegerField:
    messages = dict.fromkeys(("invalid", "min_value", "max_value"), mend)
    return forms.IntegerField(
        required=False,
        min_value=least,
        max_value=most,
        error_messages=messages,
        help_text=f"Default: {default}.",
    )


class PageParameters(parameters.ApiForm):
    """One page of a list."""

    limit = _whole(1, MAX_LIMIT, f"Give a whole number from 1 to {MAX_LIMIT}.", LIMIT)
    offset = _whole(0, MAX_OFFSET, "Give a whole number, 0 or more.", 0)

    def page(self) -> tuple[int, int]:
        """Return limit and offset of a valid form."""
        return self.cleaned_data["limit"] or LIMIT, self.cleaned_data["offset"] or 0


class CollectionsParameters(PageParameters):
    """One page of collections, and which fields of each."""

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["fields"] = parameters.FieldsField(FIELDS)
        self.fields["fields"].help_text = "Only these fields of each collection; slug is always."


class CollectionParameters(PageParameters):
    """One page of the works of a collection, and which fields of each."""

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["fields"] = parameters.FieldsField(serializers.SUMMARY_FIELDS)


class CollectionsView(ApiView):
    """Themes whose time has come and is not over."""

    @described("collections", CollectionsParameters, "CollectionsAnswer")
    def get(self, request: Request) -> HttpResponse:
        """List the published collections, latest first."""
        form = parameters.read(CollectionsParameters, request)
        limit, offset = form.page()
        themes = _published()
        page = list(themes[offset : offset + limit])
        count = themes.count()
        fields = form.cleaned_data["fields"]
        shown = covers(page) if not fields or "image" in fields else {}
        body = {
            **_about(page),
            "count": count,
            "limit": limit,
            "offset": offset,
            "results": [_collection(theme, shown.get(theme.pk), request, fields) for theme in page],
        }
        return _paged(request, body)


class CollectionView(ApiView):
    """One theme with its works."""

    @described("collection", CollectionParameters, "CollectionAnswer")
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Read one collection and its works, in the curator's order."""
        form = parameters.read(CollectionParameters, request)
        limit, offset = form.page()
        theme = _published().filter(slug=slug).first()
        if theme is None:
            raise Http404(f"There is no collection {slug}.")
        works = theme.visible_works().select_related("artist").defer("search_document")
        page = list(works[offset : offset + limit])
        fields = form.cleaned_data["fields"]
        body = {
            "collection": _collection(theme, theme.visible_cover(), request),
            **_about([theme], page),
            "count": works.count(),
            "limit": limit,
            "offset": offset,
            "results": [serializers.summary(work, request, fields) for work in page],
        }
        return _paged(request, body)


def _published() -> ThemeQuerySet:
    themes = Theme.objects.published().select_related("cover").defer("cover__search_document")
    return themes.annotate(work_count=Count("works", filter=_VISIBLE))


def _about(themes: list[Theme], works: Any = ()) -> dict[str, Any]:
    said = serializers.about(registry.active(), works)
    own = {theme.licence for theme in themes if theme.text and theme.licence}
    said["licences"]["texts"] = sorted(own | set(said["licences"]["texts"]))
    return said


def _collection(
    theme: Any, cover: Artwork | None, request: Request, fields: tuple[str, ...] = ()
) -> dict[str, Any]:
    picture = cover and picture_url(cover, serializers.IMAGE_WIDTH)
    whole = {
        "slug": theme.slug,
        "title": theme.title,
        "text": theme.text,
        "licence": theme.licence or None,
        "image": request.build_absolute_uri(picture) if picture else None,
        "count": theme.work_count,
        "published_from": theme.published_from.isoformat(),
        "published_until": theme.published_until and theme.published_until.isoformat(),
        "url": request.build_absolute_uri(reverse("api-collection", args=[theme.slug])),
    }
    wanted = {"slug", *(fields or FIELDS)}
    return {name: value for name, value in whole.items() if name in wanted}


def _paged(request: Request, body: dict[str, Any]) -> HttpResponse:
    response = Response(body)
    response["Link"] = pagination.to_pages_of_list(
        request, body["limit"], body["offset"], body["count"]
    )
    return conditional(request, response, body)
