"""Interleaved answers on the website, and the clicks on them.

Links to works are plain links with a `ping`: the browser itself tells `/ab/click` by a POST when
one is followed, without a script, a redirect or a cookie; addresses stay as they are, crawlers and
prefetching count nothing, and visitors can switch it off in their browser. What a ping says is in
its address, signed, and holds no more than experiment, page, place and team.
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
SECONDS = 24 * 3600  # so long after its page a click counts
PAGES = 2**53  # numbers of pages; all are whole numbers in any language
# The parameter of the addresses of further pages: they go on with the same coin.
DRAFT = "draft"


@dataclass(frozen=True)
class Draft:
    """How an answer was interleaved: `page` seeds its coin; (place, team) of works by their ids."""

    experiment: Experiment
    page: int
    is_counted: bool
    picks: Mapping[int, tuple[int, str]] = field(default_factory=dict)

    def ping(self, work: int) -> str:
        """Return the address that counts a click on `work`; "" where none is counted."""
        if not self.is_counted:
            return ""
        place, team = self.picks[work]
        said = [self.experiment.pk, self.page, place, team == CANDIDATE]
        return reverse("ab-click") + "?" + urlencode({"t": signing.dumps(said, salt=SALT)})


def search_with_experiment(query: Query, request: HttpRequest) -> tuple[Results, Draft | None]:
    """Answer `query`, by both models if this one is drawn. Raises `SearchUnavailableError`."""
    experiment = _drawn(query, request)
    if experiment is not None:
        # Whoever asks not to be followed sees the same page, and is not counted.
        draft = Draft(experiment, _page(request), not query_log.is_private(request))
        if (both := _interleaved(query, draft)) is not None:
            return both
    return search.search(query), None


@csrf_exempt  # a ping is no form: what it may say is signed
@require_POST
def click(request: HttpRequest) -> HttpResponse:
    """Count the click that the address tells of, once."""
    quotas = rate_limits.take(f"clicks:{rate_limits.address(request)}", settings.THROTTLE_PAGES)
    if quotas and quotas[-1].is_exceeded:
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        said = signing.loads(request.GET.get("t", ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    experiment, page, place, is_candidate = said
    if Experiment.objects.filter(pk=experiment, is_running=True).exists():
        row = Click(experiment_id=experiment, page=page, place=place, is_candidate=is_candidate)
        Click.objects.bulk_create([row], ignore_conflicts=True)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _drawn(query: Query, request: HttpRequest) -> Experiment | None:
    is_ranked = query.sort == RELEVANCE and not query.min_relevance and query.cursor is None
    if query.is_blank or not is_ranked or not query.shares["vector"]:
        return None
    experiment = running_experiment()
    if experiment is None or _drawn_before(request) is not None:
        return experiment
    return experiment if random.random() < experiment.share else None  # noqa: S311 - no secret


def _drawn_before(request: HttpRequest) -> int | None:
    """Return the number of the page that this one follows."""
    given = request.GET.get(DRAFT, "")
    return int(given) % PAGES if given.isascii() and given.isdigit() and len(given) < 20 else None


def _page(request: HttpRequest) -> int:
    before = _drawn_before(request)
    return secrets.randbelow(PAGES) if before is None else before


def _interleaved(query: Query, draft: Draft) -> tuple[Results, Draft] | None:
    """Return the page of both rankings; None where the candidate has nothing to say.

    Both are drafted from the beginning, so that every page of an answer has its own works.
    """

    def ranked(model: EmbeddingModel) -> Results:
        return search.search(replace(query, offset=0, limit=query.offset + query.limit), model)

    baseline = ranked(draft.experiment.baseline)
    candidate = ranked(draft.experiment.candidate)
    if baseline.vector is None or candidate.vector is None:
        return None
    coin = random.Random(draft.page)  # noqa: S311 - to be repeated
    picks = team_draft(baseline.places, candidate.places, coin, _ids)
    page = list(enumerate(picks))[query.offset : query.offset + query.limit]
    found = replace(
        baseline,
        query=query,
        places=[place for _, (_, place) in page],
        count=max(baseline.count, candidate.count),
        seconds=baseline.seconds + candidate.seconds,
        key="",
    )
    teams = {place.found.artic_id: (number, team) for number, (team, place) in page}
    return found, replace(draft, picks=teams)


def _ids(place: Place) -> set[int]:
    return {place.found.artic_id, *place.found.duplicates}
