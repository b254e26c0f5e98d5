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
from search.engine import errors, similar
from search.explanations import reasons
from search.pages.links import less_like_url, more_like_url, search_url, state

MAX_BY_PICTURE, MAX_BY_MEANING, MAX_BY_ARTIST = 12, 6, 6


@require_safe
@throttled
def artwork(request: HttpRequest, artic_id: int) -> HttpResponse:
    """Show one work: its picture, texts, facts and similar works."""
    works = Artwork.objects.visible().select_related("artist").defer("search_document")
    work = get_object_or_404(works, artic_id=artic_id)
    by_picture = _similar_works(work, "picture", MAX_BY_PICTURE)
    by_artist = _similar_works(work, "artist", MAX_BY_ARTIST)
    picture_keys = {each.pk for each in by_picture or []}
    nearest = _similar_works(work, "meaning", MAX_BY_PICTURE + MAX_BY_MEANING) or []
    by_meaning = [each for each in nearest if each.pk not in picture_keys][:MAX_BY_MEANING]
    descriptions.load_alt_texts([work, *(by_picture or []), *by_meaning, *(by_artist or [])])
    search_state = state(request.GET)
    texts = descriptions.readable_texts(work)
    viewer = deep_zoom.viewer()
    context = {
        "work": work,
        "viewer": viewer,
        "zoom": viewer and urls.information_url(work),
        "descriptions": texts,
        "facts": facts(work),
        "linked_data": linked_data(work, texts),
        "similar": by_picture,
        "by_meaning": by_meaning,
        "by_artist": by_artist,
        "site": settings.SITE_URL,
        "q": search_state.get("q", ""),
        "back": search_url(search_state) if search_state else "",
        "reasons": reasons.explain_match(work, search_state) if search_state else None,
        "more_like": more_like_url(search_state)(str(work.artic_id)),
        "less_like": less_like_url(search_state)(str(work.artic_id)),
    }
    return render(request, "museum/artwork.html", context)


@require_safe
@throttled
def work_manifest(request: HttpRequest, artic_id: int) -> HttpResponse:
    """Return one work as a IIIF Presentation manifest, for viewers of any origin."""
    works = Artwork.objects.visible().select_related("artist").defer("search_document")
    work = get_object_or_404(works, artic_id=artic_id)
    manifest_url = settings.SITE_URL + request.path
    document = manifest([work], manifest_url, work.title, request.build_absolute_uri)
    response = JsonResponse(document)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _similar_works(work: Artwork, by: str, limit: int) -> list[Artwork] | None:
    """Return up to `limit` works like `work`; None while search is unavailable."""
    try:
        return [hit.artwork for hit in similar.similar(work, by, limit)]
    except errors.SearchUnavailableError:
        return None
