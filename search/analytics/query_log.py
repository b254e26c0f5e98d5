"""Writes the query log. It keeps no address, cookie or browser, and never slows or fails a search.

A search adds one entry in memory; a thread writes what has gathered after `SECONDS`. A process that
is killed loses at most that.
"""

import atexit
import logging
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db import Error, connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from search.engine.results import Results
from search.models import QueryLog
from search.query.query import Query
from search.ranking.relevance import LEVELS
from search.text import normalised

logger = logging.getLogger(__name__)

SECONDS = 5.0
MOST = 10_000  # entries that wait for a database which is away
FIRST_PAGE = 30  # works of an answer that count as shown
DAY = 24 * 3600.0
# Whoever types an e-mail address or a telephone number into the field has mistaken it for another.
_PERSONAL = re.compile(r"\S@\S+\.\S|\+\d[\d ()/-]{6,}|\d{9,}")


@dataclass(frozen=True)
class Entry:
    """One search, to be written."""

    row: QueryLog
    works: Sequence[int]  # ids


_waiting: deque[Entry] = deque(maxlen=MOST)
_lock = threading.Lock()
_timer: threading.Timer | None = None
_purged_at = float("-inf")


def note(request: HttpRequest, found: Results, source: str) -> None:
    """Keep the search that `found` answers, unless the visitor or the museum wants none kept."""
    query = found.query
    is_first = not query.offset and query.cursor is None
    asks = is_first and not (query.is_blank and not query.is_browsing)
    if not (settings.QUERY_LOG and asks) or is_private(request) or _PERSONAL.search(query.text):
        return
    ranks = [LEVELS.index(place.relevance) for place in found.places]
    row = QueryLog(
        at=timezone.now().replace(second=0, microsecond=0),
        query=query.text,
        key=normalised(query.text),
        filters=_parameters(query),
        count=found.count,
        relevance=LEVELS[min(ranks)] if ranks and not query.is_browsing else "",
        milliseconds=round(1000 * found.seconds, 1),
        model=found.model.name if found.model else "",
        source=source,
    )
    first = () if query.is_browsing else found.places[:FIRST_PAGE]
    _waiting.append(Entry(row, [place.found.artic_id for place in first]))
    _start()


def is_private(request: HttpRequest) -> bool:
    """Whether the browser asks not to be followed (Do Not Track, Global Privacy Control)."""
    return "1" in (request.headers.get("DNT"), request.headers.get("Sec-GPC"))


def _parameters(query: Query) -> list[str]:
    wishes = ("like", "unlike", "picture", "color", "min_relevance")
    return [name for name in wishes if getattr(query, name)] + list(query.filters.given)


def _start() -> None:
    global _timer  # noqa: PLW0603 - one thread a process
    with _lock:
        if _timer is None:
            _timer = threading.Timer(SECONDS, _write)
            _timer.daemon = True
            _timer.start()


def _write() -> None:
    global _timer  # noqa: PLW0603 - as above
    with _lock:
        _timer = None
    try:
        flush()
    finally:
        connection.close()  # this thread's own


@atexit.register
def flush() -> int:
    """Write what waits; return how many searches. What cannot be written is given up."""
    entries = []
    while _waiting:
        entries.append(_waiting.popleft())
    if not entries:
        return 0
    try:
        with transaction.atomic():
            QueryLog.objects.bulk_create([entry.row for entry in entries])
            _count(Counter(work for entry in entries for work in entry.works))
        _purge_daily()
    except Error as error:
        logger.warning("%d searches were not logged: %s", len(entries), error)
        return 0
    return len(entries)


# In one order, so that two processes that count at once wait for one another and never in a circle.
_COUNT = """
INSERT INTO search_retrievals (artwork_id, times, last_on)
SELECT a.id, s.times, %s FROM unnest(%s::bigint[], %s::bigint[]) AS s(id, times)
JOIN museum_artwork a ON a.artic_id = s.id ORDER BY a.id
ON CONFLICT (artwork_id) DO UPDATE
SET times = search_retrievals.times + excluded.times, last_on = excluded.last_on
"""


def _count(shown: Counter[int]) -> None:
    if shown:
        with connection.cursor() as cursor:
            today = timezone.localdate()
            cursor.execute(_COUNT, [today, list(shown), list(shown.values())])


def _purge_daily() -> None:
    """Keep the promise where no Celery beat runs, too."""
    global _purged_at  # noqa: PLW0603 - once a process and day
    if time.monotonic() - _purged_at > DAY:
        _purged_at = time.monotonic()
        purge()


@shared_task(name="search.querylog.purge", ignore_result=True)
def purge() -> int:
    """Delete searches older than `QUERY_LOG_DAYS`; return how many."""
    oldest = timezone.now() - timedelta(days=settings.QUERY_LOG_DAYS)
    return QueryLog.objects.filter(at__lt=oldest).delete()[0]
