"""The results page and the page of one work."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from museum import texts
from museum.facts import facts
from museum.models import Artwork
from museum.outage import unavailable
from search import engine
from search.forms import SearchForm
from search.paging import Pages, state
from search.query import RELEVANCE

PAGE_SIZE = 30
SIMILAR = 12
HEADINGS = {"strong": "Strong matches", "related": "Related works", "weak": "Weak matches"}


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """One page of works that answer a search; its whole state is in the address."""
    parameters = request.GET.copy()
    parameters.setdefault("limit", str(PAGE_SIZE))
    form = SearchForm(parameters)
    if not form.is_valid():
        context = {"form": form, "q": request.GET.get("q", "")}
        return render(request, "search/invalid.html", context, status=400)
    try:
        found = engine.search(form.query())
    except engine.SearchUnavailable:
        return unavailable(request)
    texts.load_alt_texts([hit.artwork for hit in found.hits])
    context = {
        "results": found,
        "sections": _sections(found),
        "q": found.query.text,
        "pages": Pages(found, request.GET),
        "state": state(request.GET).urlencode(),
    }
    return render(request, "search/results.html", context)


def _sections(found: engine.Results) -> list[tuple[str, list[engine.Hit]]]:
    """The works of a page under a heading for each level of relevance; under none ("") where they
    are in another order, or all strong."""
    if found.query.is_browsing or found.query.sort != RELEVANCE:
        return [("", found.hits)]
    levels = {level: [h for h in found.hits if h.relevance == level] for level in HEADINGS}
    filled = [(HEADINGS[level], hits) for level, hits in levels.items() if hits]
    return [("", found.hits)] if not levels["related"] + levels["weak"] else filled


@require_safe
def artwork(request: HttpRequest, artic_id: int) -> HttpResponse:
    """One work: its picture, texts, facts and the works most like it."""
    works = Artwork.objects.visible().select_related("artist").defer("search_document")
    work = get_object_or_404(works, artic_id=artic_id)
    similar = _similar(work)
    texts.load_alt_texts([work, *(similar or [])])
    search = state(request.GET)
    context = {
        "work": work,
        "descriptions": texts.descriptions(work),
        "facts": facts(work),
        "similar": similar,
        "site": settings.SITE_URL,
        "q": search.get("q", ""),
        "back": f"{reverse('search')}?{search.urlencode()}" if "q" in search else "",
    }
    return render(request, "museum/artwork.html", context)


def _similar(work: Artwork) -> list[Artwork] | None:
    """Works whose pictures are alike; None where that cannot be said right now."""
    try:
        return [hit.artwork for hit in engine.similar(work, limit=SIMILAR)]
    except engine.SearchUnavailable:
        return None
