"""Pages that are walls of chosen works: themes, one theme, one artist."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from museum.core.http.rate_limits import throttled
from museum.models import Artist, Artwork, Theme
from museum.models.querysets import ArtworkQuerySet
from museum.models.theme import covers
from museum.pages import descriptions

PAGE_SIZE = 60


@throttled
@require_safe
def themes(request: HttpRequest) -> HttpResponse:
    """Every published theme, the latest first."""
    return render(request, "museum/themes.html", {"themes": published_themes()})


def published_themes(most: int | None = None) -> list[tuple[Theme, Artwork | None]]:
    """Published themes, the latest first, each with the work whose picture stands for it."""
    shown = list(Theme.objects.published().select_related("cover")[:most])
    found = covers(shown)
    descriptions.load_alt_texts(list(found.values()))
    return [(theme, found.get(theme.pk)) for theme in shown]


@throttled
@require_safe
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    """One theme: its text and its works in the curator's order."""
    found = get_object_or_404(Theme.objects.published(), slug=slug)
    return _wall(request, "museum/theme.html", found.visible_works(), {"theme": found})


@throttled
@require_safe
def artist(request: HttpRequest, pk: int) -> HttpResponse:
    """One artist's works, oldest first."""
    found = get_object_or_404(Artist, pk=pk)
    works = Artwork.objects.visible().filter(artist=found).sorted_by("date")
    if not works.exists():
        raise Http404("No work of this artist may be seen.")
    return _wall(request, "museum/artist.html", works, {"artist": found})


def _wall(
    request: HttpRequest, template: str, works: ArtworkQuerySet, context: dict[str, Any]
) -> HttpResponse:
    pages = Paginator(works.select_related("artist").defer("search_document"), PAGE_SIZE)
    page = pages.get_page(request.GET.get("page"))
    shown = list(page.object_list)
    descriptions.load_alt_texts(shown)
    return render(request, template, {**context, "works": shown, "page": page})
