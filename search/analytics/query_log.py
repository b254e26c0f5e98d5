"""Write the query log. It stores no address, cookie or browser, and never slows or fails a search.

A search adds one entry in memory; a thread writes the entries every `WRITE_INTERVAL_SECONDS`. A
process that is killed loses at most those.
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

from django.conf import settings
from django.db import Error, connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from search.engine.results import Results
from search.models import QueryLog
from search.query.query import Query
from search.ranking.levels import LEVELS
from search.text import normalised

logger = logging.getLogger(__name__)

WRITE_INTERVAL_SECONDS = 5.0
MAX_QUEUED_ENTRIES = 10_000  # while the database is away; older ones are dropped
FIRST_PAGE_WORKS = 30  # works of an answer that count as shown
PURGE_INTERVAL_SECONDS = 24 * 3600.0
# E-mail addresses and telephone numbers: probably typed here by mistake, so not logged.
_PERSONAL = re.compile(r"\S@\S+\.\S|\+\d[\d ()/-]{6,}|\d{9,}")


@dataclass(frozen=True)
class Entry:
    """One search to write, with the ids of the works shown."""

    row: QueryLog
    works: Sequence[int]


_queue: deque[Entry] = deque(maxlen=MAX_QUEUED_ENTRIES)
_lock = threading.Lock()
_timer: threading.Timer | None = None
_purged_at = float("-inf")


def note(request: HttpRequest, answer: Results, source: str) -> None:
    """Queue the search answered by `answer`, unless the visitor or the settings forbid it."""
    query = answer.query
    is_first = not query.offset and query.cursor is None
    is_search = is_first and not (query.is_blank and not query.is_browsing)
    if (
        not (settings.QUERY_LOG and is_search)
        or is_private(request)
        or _PERSONAL.search(query.text)
    ):
        return
    ranks = [LEVELS.index(place.relevance) for place in answer.places]
    row = QueryLog(
        at=timezone.now().replace(second=0, microsecond=0),
        query=query.text,
        key=normalised(query.text),
        filters=_parameters(query),
        count=answer.count,
        relevance=LEVELS[min(ranks)] if ranks and not query.is_browsing else "",
        milliseconds=round(1000 * answer.seconds, 1),
        model=answer.model.name if answer.model else "",
        source=source,
    )
    first = () if query.is_browsing else answer.places[:FIRST_PAGE_WORKS]
    _queue.append(Entry(row, [place.found.artic_id for place in first]))
    _start()


def is_private(request: HttpRequest) -> bool:
    """Return whether the browser asks not to be tracked (Do Not Track, Global Privacy Control)."""
    return "1" in (request.headers.get("DNT"), request.headers.get("Sec-GPC"))


def _parameters(query: Query) -> list[str]:
    names = ("like", "unlike", "picture", "color", "min_relevance")
    return [name for name in names if getattr(query, name)] + list(query.filters.given)


def _start() -> None:
    global _timer  # noqa: PLW0603 - one thread a process
    with _lock:
        if _timer is None:
            _timer = threading.Timer(WRITE_INTERVAL_SECONDS, _write)
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
    """Write the queued searches; return how many. On a database error they are dropped."""
    entries = []
    while _queue:
        entries.append(_queue.popleft())
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


# Sorted, so that two processes that count at once cannot deadlock.
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
    """Purge once a day even where no Celery beat runs."""
    global _purged_at  # noqa: PLW0603 - once a process and day
    if time.monotonic() - _purged_at > PURGE_INTERVAL_SECONDS:
        _purged_at = time.monotonic()
        purge()


def purge() -> int:
    """Delete searches older than `QUERY_LOG_DAYS`; return how many."""
    oldest = timezone.now() - timedelta(days=settings.QUERY_LOG_DAYS)
    return QueryLog.objects.filter(at__lt=oldest).delete()[0]
