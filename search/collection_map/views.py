"""The map of the collection: a page, its points, its picture and what is said of single works."""

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
from search.collection_map.storage import Atlas, Sheet
from search.embeddings import registry
from search.engine import errors
from search.engine.search import search as run_search
from search.pages.links import address, state
from search.pages.saved_works import SavedForm
from search.query.forms import MAX_LIMIT, SearchForm

SHOWN = 60  # works of a region
THUMBNAIL = 200  # pixels
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
@throttled
def page(request: HttpRequest) -> HttpResponse:
    """The map, with the works that a search finds lit on it, or one of its regions."""
    sheet = storage.of(registry.active())
    drawn = sheet.atlas() if sheet else None
    if sheet is None or drawn is None:
        return render(request, "search/map.html")
    parameters = request.GET.copy()
    parameters["limit"] = str(MAX_LIMIT)
    form = SearchForm(parameters)
    if not form.is_valid():
        return render(request, "search/invalid.html", {"form": form}, status=400)
    try:
        found = run_search(form.query())
    except errors.SearchUnavailableError:
        return unavailable(request)
    lit = [hit.artwork.artic_id for hit in found.hits]
    region = _region(request, sheet)
    search = state(request.GET)
    context = {
        "sheet": sheet,
        "lit": ",".join(map(str, lit)),
        "on_map": int(np.isin(drawn.ids, lit).sum()),
        "found": found,
        "q": search.get("q", ""),
        "search": address(search) if search else "",
        "state": search.urlencode(),
        "regions": _regions(sheet, drawn, lit),
        **_shown(sheet, drawn, region, lit),
    }
    return render(request, "search/map.html", context)


def _region(request: HttpRequest, sheet: Sheet) -> int | None:
    number = request.GET.get("region", "")
    if not number:
        return None
    if not (number.isdecimal() and number.isascii() and int(number) < len(sheet.regions)):
        raise Http404("no such region")
    return int(number)


def _regions(sheet: Sheet, drawn: Atlas, lit: list[int]) -> list[tuple[Region, int]]:
    """Each region, and how many of its works are lit."""
    counts = np.bincount(drawn.belongs[np.isin(drawn.ids, lit)], minlength=len(sheet.regions))
    return [(region, int(counts[place])) for place, region in enumerate(sheet.regions)]


def _shown(sheet: Sheet, drawn: Atlas, region: int | None, lit: list[int]) -> dict[str, Any]:
    """Which part of the map is shown, in thousandths, and the works of that region."""
    asked = "&".join([f"lit={','.join(map(str, lit))}"] if lit else [])
    address_ = reverse("map-picture", args=[sheet.digest])
    if region is None:
        return {"box": (0, 0, 1000), "picture": f"{address_}?{asked}" if asked else address_}
    left, top, side = (round(1000 * each) for each in _box(sheet.regions[region]))
    members = np.flatnonzero(drawn.belongs == region)
    middle = np.array([sheet.regions[region].x, sheet.regions[region].y])
    away = np.linalg.norm(drawn.points[members] - middle, axis=1)
    nearest = [int(each) for each in drawn.ids[members[np.argsort(away, kind="stable")[:SHOWN]]]]
    return {
        "region": sheet.regions[region],
        "box": (left, top, side),
        "picture": f"{address_}?{asked}{'&' if asked else ''}region={region}",
        "works": _works(nearest),
    }


def _box(region: Region) -> Box:
    radius = 1.25 * region.radius
    return region.x - radius, region.y - radius, 2 * radius


def _works(ids: list[int]) -> list[Artwork]:
    """Those of `ids` that visitors may see, in their order."""
    works = Artwork.objects.visible().filter(artic_id__in=ids).select_related("artist")
    by_id = {work.artic_id: work for work in works.defer("search_document")} if ids else {}
    found = [by_id[each] for each in ids if each in by_id]
    descriptions.load_alt_texts(found)
    return found


@require_safe
@throttled
def points(request: HttpRequest, digest: str) -> HttpResponse:
    """The points as `Atlas.encode` writes them."""
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
    response["Cache-Control"] = FOR_EVER
    return response


@require_safe
@throttled
def drawing(request: HttpRequest, digest: str) -> HttpResponse:
    """The map as a picture: all of it or one region, with the works in `lit` lit."""
    sheet = storage.of(registry.active())
    drawn = sheet.atlas() if sheet and sheet.digest == digest else None
    form = SavedForm({"works": request.GET.get("lit", "")})
    if sheet is None or drawn is None or not form.is_valid():
        raise Http404("no such map")
    region = _region(request, sheet)
    box = (0.0, 0.0, 1.0) if region is None else _box(sheet.regions[region])
    response = HttpResponse(draw(drawn, form.ids(), box), content_type="image/webp")
    response["Cache-Control"] = FOR_EVER
    return response


@require_safe
@throttled
def works(request: HttpRequest) -> HttpResponse:
    """What the map shows of single works: `?works=1,2,3`."""
    form = SavedForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    said = [
        {
            "id": work.artic_id,
            "title": work.title,
            "maker": maker(work),
            "address": work.get_absolute_url(),
            "picture": picture_url(work, THUMBNAIL),
        }
        for work in _works(form.ids())
    ]
    return JsonResponse({"works": said})
