"""A/B tests: interleaved answers on the website, and the clicks on them.

Links to works are plain links with a `ping` attribute: the browser itself reports a click to
`/ab/click` by POST, without a script, a redirect or a cookie. URLs stay as they are, crawlers and
prefetching count nothing, and visitors can switch pings off in their browser. The ping's URL
carries experiment, page number, place and team, signed, and nothing else.
"""

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from museum.core.http import rate_limits
from search.analytics import query_log
from search.engine import search
from search.engine.results import Place, Results
from search.experiments.interleaving import CANDIDATE, team_draft
from search.models import Click, EmbeddingModel, Experiment, running_experiment
from search.query.query import RELEVANCE, Query

SALT = "search.experiments.ab_testing"
CLICK_TTL_SECONDS = 24 * 3600  # a click counts this long after its page
PAGE_NUMBER_LIMIT = 2**53  # JavaScript represents all integers below it exactly
# URL parameter that carries the page number, the seed of the draft, to further pages.
DRAFT_PARAMETER = "draft"


@dataclass(frozen=True)
class Draft:
    """An interleaved answer: `page` seeds the draft, `picks` maps a work's id to (place, team)."""

    experiment: Experiment
    page: int
    is_counted: bool
    picks: Mapping[int, tuple[int, str]] = field(default_factory=dict)

    def ping(self, work: int) -> str:
        """Return the URL that counts a click on the work with id `work`; "" if none is counted."""
        if not self.is_counted:
            return ""
        place, team = self.picks[work]
        payload = [self.experiment.pk, self.page, place, team == CANDIDATE]
        return reverse("ab-click") + "?" + urlencode({"t": signing.dumps(payload, salt=SALT)})


def answer(query: Query, request: HttpRequest) -> tuple[Results, Draft | None]:
    """Answer `query`, interleaved if this request is drawn. Raises `SearchUnavailableError`."""
    experiment = _experiment_for(query, request)
    if experiment is not None:
        # Visitors who ask not to be tracked see the same page and are not counted.
        draft = Draft(experiment, _page_number(request), not query_log.is_private(request))
        if (pair := _interleaved(query, draft)) is not None:
            return pair
    return search.search(query), None


@csrf_exempt  # a ping is no form; its payload is signed
@require_POST
def click(request: HttpRequest) -> HttpResponse:
    """Count the click that the signed URL reports, once."""
    quotas = rate_limits.consume(
        f"clicks:{rate_limits.client_address(request)}", settings.THROTTLE_PAGES
    )
    if quotas and quotas[-1].is_exceeded:
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        payload = signing.loads(request.GET.get("t", ""), salt=SALT, max_age=CLICK_TTL_SECONDS)
    except signing.BadSignature:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    experiment, page, place, is_candidate = payload
    if Experiment.objects.filter(pk=experiment, is_running=True).exists():
        row = Click(experiment_id=experiment, page=page, place=place, is_candidate=is_candidate)
        Click.objects.bulk_create([row], ignore_conflicts=True)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _experiment_for(query: Query, request: HttpRequest) -> Experiment | None:
    is_ranked = query.sort == RELEVANCE and not query.min_relevance and query.cursor is None
    if query.is_blank or not is_ranked or not query.shares["vector"]:
        return None
    experiment = running_experiment()
    if experiment is None or _previous_page_number(request) is not None:
        return experiment
    return experiment if random.random() < experiment.share else None  # noqa: S311 - no secret


def _previous_page_number(request: HttpRequest) -> int | None:
    """Return the page number that a previous page passed on, None on a first page."""
    number = request.GET.get(DRAFT_PARAMETER, "")
    is_number = number.isascii() and number.isdigit() and len(number) < 20
    return int(number) % PAGE_NUMBER_LIMIT if is_number else None


def _page_number(request: HttpRequest) -> int:
    previous = _previous_page_number(request)
    return secrets.randbelow(PAGE_NUMBER_LIMIT) if previous is None else previous


def _interleaved(query: Query, draft: Draft) -> tuple[Results, Draft] | None:
    """Return the interleaved page; None if one of the models has no vector for the query.

    Both rankings are drafted from the start, so that no work is on two pages of an answer.
    """

    def ranking(model: EmbeddingModel) -> Results:
        return search.search(replace(query, offset=0, limit=query.offset + query.limit), model)

    baseline = ranking(draft.experiment.baseline)
    candidate = ranking(draft.experiment.candidate)
    if baseline.vector is None or candidate.vector is None:
        return None
    coin = random.Random(draft.page)  # noqa: S311 - seeded on purpose
    picks = team_draft(baseline.places, candidate.places, coin, _ids)
    page = list(enumerate(picks))[query.offset : query.offset + query.limit]
    answer_page = replace(
        baseline,
        query=query,
        places=[place for _, (_, place) in page],
        count=max(baseline.count, candidate.count),
        seconds=baseline.seconds + candidate.seconds,
        key="",
    )
    teams = {place.found.artic_id: (number, team) for number, (team, place) in page}
    return answer_page, replace(draft, picks=teams)


def _ids(place: Place) -> set[int]:
    return {place.found.artic_id, *place.found.duplicates}
