"""Pages that list works: all themes, one theme, one artist."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from museum.core.http.rate_limits import throttled
from museum.models import Artist, Artwork, ArtworkQuerySet, Theme, covers
from museum.pages import descriptions

PAGE_SIZE = 60


@throttled
@require_safe
def themes(request: HttpRequest) -> HttpResponse:
    """Show every published theme, the latest first."""
    return render(request, "museum/themes.html", {"themes": published_themes()})


def published_themes(limit: int | None = None) -> list[tuple[Theme, Artwork | None]]:
    """Return published themes, the latest first, each with the work that represents it."""
    themes = list(Theme.objects.published().select_related("cover")[:limit])
    cover_works = covers(themes)
    descriptions.load_alt_texts(list(cover_works.values()))
    return [(theme, cover_works.get(theme.pk)) for theme in themes]


@throttled
@require_safe
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one theme: its text and its works in the curator's order."""
    instance = get_object_or_404(Theme.objects.published(), slug=slug)
    return _render(request, "museum/theme.html", instance.visible_works(), {"theme": instance})


@throttled
@require_safe
def artist(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one artist's works, oldest first."""
    instance = get_object_or_404(Artist, pk=pk)
    works = Artwork.objects.visible().filter(artist=instance).sorted_by("date")
    if not works.exists():
        raise Http404("This artist has no works to show.")
    return _render(request, "museum/artist.html", works, {"artist": instance})


def _render(
    request: HttpRequest, template: str, works: ArtworkQuerySet, context: dict[str, Any]
) -> HttpResponse:
    pages = Paginator(works.select_related("artist").defer("search_document"), PAGE_SIZE)
    page = pages.get_page(request.GET.get("page"))
    page_works = list(page.object_list)
    descriptions.load_alt_texts(page_works)
    return render(request, template, {**context, "works": page_works, "page": page})
