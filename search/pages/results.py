"""The results page and the page of one work."""

import time

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from museum.core.http.outage import unavailable
from museum.core.http.rate_limits import throttled
from museum.models import Artwork
from museum.pages import descriptions
from museum.pages.views import examples
from search.analytics import query_log
from search.curation import store
from search.engine import errors
from search.engine import results as results_module
from search.experiments import ab_testing
from search.explanations import highlights
from search.models import QueryLog
from search.pages.cards import Card, cards
from search.pages.chips import chips
from search.pages.filter_panel import SORTS, panel
from search.pages.links import address, pairs, setting, state
from search.pages.pagination import Pages
from search.pages.refine import composer
from search.query.fields import too_large
from search.query.forms import MAX_BODY, SearchForm
from search.query.query import RELEVANCE
from search.retrieval import picture_vectors
from search.text import clean

PAGE_SIZE = 30
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
    query = store.curated(form.query())
    try:
        found, draft = ab_testing.search(query, request)
    except errors.CursorExpired:
        # Another model answers since the page before: the same place of its answer.
        return redirect(setting(request.GET, offset=str(query.offset)))
    except errors.SearchUnavailable:
        return unavailable(request)
    query_log.note(request, found, QueryLog.Source.SITE)
    descriptions.load_alt_texts([hit.artwork for hit in found.hits])
    shown = cards(found.hits, highlights.explain(found), request.GET, draft)
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
    except picture_vectors.Blind:
        return unavailable(request)
    parameters = state(request.POST)
    if query.picture:
        parameters["picture"] = query.picture.token
        parameters.pop("box", None)
    return HttpResponseRedirect(address(parameters), status=303)


def _invalid(request: HttpRequest, form: SearchForm, q: str, status: int = 400) -> HttpResponse:
    return render(request, "search/invalid.html", {"form": form, "q": q}, status=status)


def _sections(found: results_module.Results, shown: list[Card]) -> list[tuple[str, list[Card]]]:
    """The works of a page under a heading for each level of relevance; under none ("") where they
    are in another order, or all strong."""
    if found.query.is_browsing or found.query.sort != RELEVANCE:
        return [("", shown)]
    levels = {level: [each for each in shown if each.hit.relevance == level] for level in HEADINGS}
    filled = [(str(HEADINGS[level]), each) for level, each in levels.items() if each]
    return [("", shown)] if not levels["related"] + levels["weak"] else filled
