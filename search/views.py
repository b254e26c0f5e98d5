"""The results page and the page of one work."""

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from museum import iiif, texts, zoom
from museum.facts import facts
from museum.linked import linked_data
from museum.models import Artwork
from museum.outage import unavailable
from museum.presentation import manifest
from museum.throttles import throttled
from museum.views import examples
from search import ab, curation, engine, neighbours, querylog, reasons, sight, why
from search.address import address, away_from, pairs, setting, state, towards
from search.cards import Card, cards
from search.chips import chips
from search.composer import composer
from search.fields import too_large
from search.forms import MAX_BODY, SearchForm
from search.models import QueryLog
from search.paging import Pages
from search.panel import SORTS, panel
from search.query import RELEVANCE
from search.typed import clean

PAGE_SIZE = 30
SIMILAR, BY_MEANING, BY_ARTIST = 12, 6, 6
HEADINGS = {
    "strong": _("Strong matches"),
    "related": _("Related works"),
    "weak": _("Weak matches"),
}


@csrf_exempt  # it changes nothing, so a forged request does nothing but search
@require_http_methods(["GET", "HEAD", "POST"])
@throttled
def results(request: HttpRequest) -> HttpResponse:
    """One page of works that answer a search; its whole state is in the address.

    A picture comes by POST, and is answered with the address of what the model saw in it.
    """
    started = time.perf_counter()
    if request.method == "POST":
        return _sent(request)
    parameters = request.GET.copy()
    parameters.setdefault("limit", str(PAGE_SIZE))
    form = SearchForm(parameters)
    if not form.is_valid():
        return _invalid(request, form, request.GET.get("q", ""))
    if work := _named(request):
        return redirect(work)
    query = curation.curated(form.query())
    try:
        found, draft = ab.search(query, request)
    except engine.CursorExpired:
        # Another model answers since the page before: the same place of its answer.
        return redirect(setting(request.GET, offset=str(query.offset)))
    except engine.SearchUnavailable:
        return unavailable(request)
    querylog.note(request, found, QueryLog.Source.SITE)
    texts.load_alt_texts([hit.artwork for hit in found.hits])
    shown = cards(found.hits, why.explain(found), request.GET, draft)
    pages = Pages(found, request.GET, draft)
    context = {
        "results": found,
        # By one model's levels the other's works would stand together.
        "sections": [("", shown)] if draft else _sections(found, shown),
        "q": found.query.text,
        "pages": pages,
        "state": pages.here.urlencode(),
        "examples": [] if found.hits else examples(),
    }
    if not (query.is_blank and not query.is_browsing):
        context["chips"] = chips(query, request.GET)
        context["panel"] = panel(query, request.GET)
        context["kept"] = pairs(request.GET)
        context["composer"] = composer(query, request.GET)
        context["folded"] = any(hit.duplicates for hit in found.hits)
        context["unfolded"] = setting(request.GET, dedupe="false")
        context["order"] = "" if query.is_browsing else SORTS.get(query.sort, "")
    response = render(request, "search/results.html", context)
    page = time.perf_counter() - started
    response["Server-Timing"] = f"search;dur={1000 * found.seconds:.1f}, page;dur={1000 * page:.1f}"
    return response


def _named(request: HttpRequest) -> Artwork | None:
    """The one work whose accession number was typed, and nothing else asked for."""
    asked = state(request.GET)
    number = clean(asked.get("q", ""))
    if not number or len(asked) > 1:
        return None
    works = Artwork.objects.visible().filter(accession_number=number)
    found = list(works.only("artic_id")[:2])
    return found[0] if len(found) == 1 else None


def _sent(request: HttpRequest) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        # Without reading it: the answer comes before the body has.
        form = SearchForm(QueryDict(), {})
        form.add_error("image", too_large())
        return _invalid(request, form, "", status=413)
    form = SearchForm(request.POST, request.FILES)
    if not form.is_valid():
        return _invalid(request, form, request.POST.get("q", ""))
    try:
        query = form.query()
    except sight.Blind:
        return unavailable(request)
    parameters = state(request.POST)
    if query.picture:
        parameters["picture"] = query.picture.token
        parameters.pop("box", None)
    return HttpResponseRedirect(address(parameters), status=303)


def _invalid(request: HttpRequest, form: SearchForm, q: str, status: int = 400) -> HttpResponse:
    return render(request, "search/invalid.html", {"form": form, "q": q}, status=status)


def _sections(found: engine.Results, shown: list[Card]) -> list[tuple[str, list[Card]]]:
    """The works of a page under a heading for each level of relevance; under none ("") where they
    are in another order, or all strong."""
    if found.query.is_browsing or found.query.sort != RELEVANCE:
        return [("", shown)]
    levels = {level: [each for each in shown if each.hit.relevance == level] for level in HEADINGS}
    filled = [(str(HEADINGS[level]), each) for level, each in levels.items() if each]
    return [("", shown)] if not levels["related"] + levels["weak"] else filled


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
    texts.load_alt_texts([work, *(similar or []), *by_meaning, *(by_artist or [])])
    search = state(request.GET)
    descriptions = texts.descriptions(work)
    viewer = zoom.viewer()
    context = {
        "work": work,
        "viewer": viewer,
        "zoom": viewer and iiif.information_url(work),
        "descriptions": descriptions,
        "facts": facts(work),
        "linked_data": linked_data(work, descriptions),
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
        return [hit.artwork for hit in neighbours.similar(work, by, limit)]
    except engine.SearchUnavailable:
        return None
