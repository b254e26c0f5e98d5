"""The results page."""

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
from search.engine.requests import query_of
from search.engine.results import Results
from search.experiments import ab_testing
from search.explanations import highlights
from search.models import QueryLog
from search.pages.cards import Card, cards
from search.pages.chips import chips
from search.pages.filter_panel import SORT_LABELS, panel
from search.pages.links import changed_url, hidden_fields, search_url, state
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


@csrf_exempt  # a search changes nothing, so a forged request is harmless
@require_http_methods(["GET", "HEAD", "POST"])
@throttled
def results(request: HttpRequest) -> HttpResponse:
    """Show one page of results. The whole state of the search is in the URL.

    A picture is sent by POST; the answer redirects to the URL with the picture's token.
    """
    started = time.perf_counter()
    if request.method == "POST":
        return _picture_search(request)
    parameters = request.GET.copy()
    parameters.setdefault("limit", str(PAGE_SIZE))
    form = SearchForm(parameters)
    if not form.is_valid():
        return _invalid(request, form, request.GET.get("q", ""))
    if work := _work_by_accession_number(request):
        return redirect(work)
    query = store.apply_rules(form.query())
    try:
        answer, draft = ab_testing.answer(query, request)
    except errors.CursorExpiredError:
        # The active model changed since the previous page: go to the same offset.
        return redirect(changed_url(request.GET, offset=str(query.offset)))
    except errors.SearchUnavailableError:
        return unavailable(request)
    query_log.note(request, answer, QueryLog.Source.SITE)
    descriptions.load_alt_texts([hit.artwork for hit in answer.hits])
    result_cards = cards(answer.hits, highlights.explain(answer), request.GET, draft)
    pages = Pages(answer, request.GET, draft)
    context = {
        "results": answer,
        # Relevance levels of one model would group the works of the other.
        "sections": [("", result_cards)] if draft else _sections(answer, result_cards),
        "q": answer.query.text,
        "pages": pages,
        "state": pages.position.urlencode(),
        "examples": [] if answer.hits else examples(),
    }
    if not (query.is_blank and not query.is_browsing):
        context["chips"] = chips(query, request.GET)
        context["panel"] = panel(query, request.GET)
        context["hidden_fields"] = hidden_fields(request.GET)
        context["composer"] = composer(query, request.GET)
        context["folded"] = any(hit.duplicates for hit in answer.hits)
        context["unfolded"] = changed_url(request.GET, dedupe="false")
        context["order"] = "" if query.is_browsing else SORT_LABELS.get(query.sort, "")
    response = render(request, "search/results.html", context)
    milliseconds = 1000 * (time.perf_counter() - started)
    response["Server-Timing"] = (
        f"search;dur={1000 * answer.seconds:.1f}, page;dur={milliseconds:.1f}"
    )
    return response


def _work_by_accession_number(request: HttpRequest) -> Artwork | None:
    """Return the work whose accession number is the whole search, if there is exactly one."""
    search = state(request.GET)
    number = clean(search.get("q", ""))
    if not number or len(search) > 1:
        return None
    works = Artwork.objects.visible().filter(accession_number=number)
    matches = list(works.only("artic_id")[:2])
    return matches[0] if len(matches) == 1 else None


def _picture_search(request: HttpRequest) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        # Refuse by the header, without reading the body.
        form = SearchForm(QueryDict(), {})
        form.add_error("image", too_large())
        return _invalid(request, form, "", status=413)
    form = SearchForm(request.POST, request.FILES)
    if not form.is_valid():
        return _invalid(request, form, request.POST.get("q", ""))
    try:
        query = query_of(form)
    except picture_vectors.PictureModelUnavailableError:
        return unavailable(request)
    parameters = state(request.POST)
    if query.picture:
        parameters["picture"] = query.picture.token
        parameters.pop("box", None)
    return HttpResponseRedirect(search_url(parameters), status=303)


def _invalid(request: HttpRequest, form: SearchForm, q: str, status: int = 400) -> HttpResponse:
    return render(request, "search/invalid.html", {"form": form, "q": q}, status=status)


def _sections(answer: Results, result_cards: list[Card]) -> list[tuple[str, list[Card]]]:
    """Return (heading, cards) for each level of relevance.

    There is one section without a heading if the order is another one or all works are strong.
    """
    if answer.query.is_browsing or answer.query.sort != RELEVANCE:
        return [("", result_cards)]
    levels = {
        level: [card for card in result_cards if card.hit.relevance == level] for level in HEADINGS
    }
    filled = [(str(HEADINGS[level]), each) for level, each in levels.items() if each]
    return [("", result_cards)] if not levels["related"] + levels["weak"] else filled
