"""The page of one work, and its IIIF manifest."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from museum.core.http.rate_limits import throttled
from museum.images import urls
from museum.models import Artwork
from museum.pages import deep_zoom, descriptions
from museum.pages.facts import facts
from museum.pages.iiif_manifest import manifest
from museum.pages.json_ld import linked_data
from search.engine import errors
from search.engine import similar as similar_module
from search.explanations import reasons
from search.pages.links import address, away_from, state, towards

SIMILAR, BY_MEANING, BY_ARTIST = 12, 6, 6


@require_safe
@throttled
def artwork(request: HttpRequest, artic_id: int) -> HttpResponse:
    """One work: its picture, texts, facts and the works most like it."""
    works = Artwork.objects.visible().select_related("artist").defer("search_document")
    work = get_object_or_404(works, artic_id=artic_id)
    similar, by_artist = _alike(work, "picture", SIMILAR), _alike(work, "artist", BY_ARTIST)
    shown = {each.pk for each in similar or []}
    nearest = _alike(work, "meaning", SIMILAR + BY_MEANING) or []
    by_meaning = [each for each in nearest if each.pk not in shown][:BY_MEANING]
    descriptions.load_alt_texts([work, *(similar or []), *by_meaning, *(by_artist or [])])
    search = state(request.GET)
    texts = descriptions.readable_texts(work)
    viewer = deep_zoom.viewer()
    context = {
        "work": work,
        "viewer": viewer,
        "zoom": viewer and urls.information_url(work),
        "descriptions": texts,
        "facts": facts(work),
        "linked_data": linked_data(work, texts),
        "similar": similar,
        "by_meaning": by_meaning,
        "by_artist": by_artist,
        "site": settings.SITE_URL,
        "q": search.get("q", ""),
        "back": address(search) if search else "",
        "reasons": reasons.of(work, search) if search else None,
        "more_like": towards(search)(str(work.artic_id)),
        "less_like": away_from(search)(str(work.artic_id)),
    }
    return render(request, "museum/artwork.html", context)


@require_safe
@throttled
def work_manifest(request: HttpRequest, artic_id: int) -> HttpResponse:
    """One work as a IIIF Presentation manifest, for viewers of any origin."""
    works = Artwork.objects.visible().select_related("artist").defer("search_document")
    work = get_object_or_404(works, artic_id=artic_id)
    address_ = settings.SITE_URL + request.path
    said = manifest([work], address_, work.title, request.build_absolute_uri)
    response = JsonResponse(said)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _alike(work: Artwork, by: str, limit: int) -> list[Artwork] | None:
    """Works like `work`; None where that cannot be said right now."""
    try:
        return [hit.artwork for hit in similar_module.similar(work, by, limit)]
    except errors.SearchUnavailable:
        return None
