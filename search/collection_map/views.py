"""Views of the map: the page, its points, its picture, and the details of single works."""

import gzip
from typing import Any

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from museum.core.http.outage import unavailable
from museum.core.http.rate_limits import throttled
from museum.images.urls import picture_url
from museum.models import Artwork
from museum.pages import descriptions
from museum.templatetags.works import maker
from search.collection_map import storage
from search.collection_map.regions import Region
from search.collection_map.render import Box, draw
from search.collection_map.storage import CollectionMap, MapSummary
from search.embeddings import registry
from search.engine import errors, search
from search.pages.links import search_url, state
from search.pages.saved_works import SavedForm
from search.query.forms import MAX_LIMIT, SearchForm

WORKS_PER_REGION = 60
THUMBNAIL_WIDTH = 200  # pixels
IMMUTABLE = "public, max-age=31536000, immutable"


@require_safe
@throttled
def page(request: HttpRequest) -> HttpResponse:
    """Show the map or one of its regions, with the results of the search highlighted."""
    summary = storage.of(registry.active())
    collection_map = summary.load() if summary else None
    if summary is None or collection_map is None:
        return render(request, "search/map.html")
    parameters = request.GET.copy()
    parameters["limit"] = str(MAX_LIMIT)
    form = SearchForm(parameters)
    if not form.is_valid():
        return render(request, "search/invalid.html", {"form": form}, status=400)
    try:
        answer = search.search(form.query())
    except errors.SearchUnavailableError:
        return unavailable(request)
    lit = [hit.artwork.artic_id for hit in answer.hits]
    region = _region(request, summary)
    search_state = state(request.GET)
    context = {
        "summary": summary,
        "lit": ",".join(map(str, lit)),
        "on_map": int(np.isin(collection_map.ids, lit).sum()),
        "found": answer,
        "q": search_state.get("q", ""),
        "search": search_url(search_state) if search_state else "",
        "state": search_state.urlencode(),
        "regions": _regions(summary, collection_map, lit),
        **_view(summary, collection_map, region, lit),
    }
    return render(request, "search/map.html", context)


def _region(request: HttpRequest, summary: MapSummary) -> int | None:
    number = request.GET.get("region", "")
    if not number:
        return None
    if not (number.isdecimal() and number.isascii() and int(number) < len(summary.regions)):
        raise Http404("no such region")
    return int(number)


def _regions(
    summary: MapSummary, collection_map: CollectionMap, lit: list[int]
) -> list[tuple[Region, int]]:
    """Return each region with the number of its highlighted works."""
    counts = np.bincount(
        collection_map.region_numbers[np.isin(collection_map.ids, lit)],
        minlength=len(summary.regions),
    )
    return [(region, int(counts[place])) for place, region in enumerate(summary.regions)]


def _view(
    summary: MapSummary, collection_map: CollectionMap, region: int | None, lit: list[int]
) -> dict[str, Any]:
    """Return the context of the visible part: its box in thousandths, picture, region and works."""
    parameters = "&".join([f"lit={','.join(map(str, lit))}"] if lit else [])
    picture_path = reverse("map-picture", args=[summary.digest])
    if region is None:
        return {
            "box": (0, 0, 1000),
            "picture": f"{picture_path}?{parameters}" if parameters else picture_path,
        }
    left, top, side = (round(1000 * each) for each in _box(summary.regions[region]))
    members = np.flatnonzero(collection_map.region_numbers == region)
    centre = np.array([summary.regions[region].x, summary.regions[region].y])
    distances = np.linalg.norm(collection_map.points[members] - centre, axis=1)
    nearest = [
        int(each)
        for each in collection_map.ids[
            members[np.argsort(distances, kind="stable")[:WORKS_PER_REGION]]
        ]
    ]
    return {
        "region": summary.regions[region],
        "box": (left, top, side),
        "picture": f"{picture_path}?{parameters}{'&' if parameters else ''}region={region}",
        "works": _works(nearest),
    }


def _box(region: Region) -> Box:
    radius = 1.25 * region.radius
    return region.x - radius, region.y - radius, 2 * radius


def _works(ids: list[int]) -> list[Artwork]:
    """Return the visible works among `ids`, in their order."""
    works = Artwork.objects.visible().filter(artic_id__in=ids).select_related("artist")
    by_id = {work.artic_id: work for work in works.defer("search_document")} if ids else {}
    visible = [by_id[each] for each in ids if each in by_id]
    descriptions.load_alt_texts(visible)
    return visible


@require_safe
@throttled
def points(request: HttpRequest, digest: str) -> HttpResponse:
    """Return the points in the format of `CollectionMap.encode`."""
    data = storage.compressed(digest)
    if data is None:
        raise Http404("no such map")
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(
        data if takes_gzip else gzip.decompress(data), content_type="application/octet-stream"
    )
    if takes_gzip:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response["Cache-Control"] = IMMUTABLE
    return response


@require_safe
@throttled
def drawing(request: HttpRequest, digest: str) -> HttpResponse:
    """Return the map or one region as a picture, with the works in `lit` highlighted."""
    summary = storage.of(registry.active())
    collection_map = summary.load() if summary and summary.digest == digest else None
    form = SavedForm({"works": request.GET.get("lit", "")})
    if summary is None or collection_map is None or not form.is_valid():
        raise Http404("no such map")
    region = _region(request, summary)
    box = (0.0, 0.0, 1.0) if region is None else _box(summary.regions[region])
    response = HttpResponse(draw(collection_map, form.ids(), box), content_type="image/webp")
    response["Cache-Control"] = IMMUTABLE
    return response


@require_safe
@throttled
def works(request: HttpRequest) -> HttpResponse:
    """Return the details of single works that the map shows: `?works=1,2,3`."""
    form = SavedForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    details = [
        {
            "id": work.artic_id,
            "title": work.title,
            "maker": maker(work),
            "address": work.get_absolute_url(),
            "picture": picture_url(work, THUMBNAIL_WIDTH),
        }
        for work in _works(form.ids())
    ]
    return JsonResponse({"works": details})
