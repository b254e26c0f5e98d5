"""Search statistics: what the query log and the retrieval counters say about the collection.

Each figure is one SQL statement over the last days, or over the collection, cached for a minute or
ten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from museum.core.caching import background
from museum.core.caching.background import CachedValue
from museum.models import Artwork
from search.embeddings import registry
from search.models import QueryLog, Retrievals

PERIODS_DAYS = (7, 30, 90)
TOP_QUERIES = 20
TOP_HUBS = 12
LOG_TTL_SECONDS, COLLECTION_TTL_SECONDS = 60, 600
PERCENTILES = (0.5, 0.9, 0.95, 0.99)
WEAK = Q(count=0) | Q(relevance__in=["", "weak"])


@dataclass(frozen=True)
class QueryCount:
    """One query in any spelling: its searches, and those without a good match."""

    query: str
    times: int
    weak: int


@dataclass(frozen=True)
class Day:
    """The searches of one day, and those with no match or only weak ones."""

    day: date
    searches: int
    weak: int


@dataclass(frozen=True)
class Latency:
    """The latency of one source in milliseconds at each of `PERCENTILES`."""

    source: str
    searches: int
    milliseconds: tuple[float, ...]


@dataclass(frozen=True)
class Log:
    """Statistics of the searches in the last days."""

    days: list[Day]
    top: list[QueryCount]
    weak: list[QueryCount]
    latency: list[Latency]

    @property
    def searches(self) -> int:
        """Return the number of searches."""
        return sum(day.searches for day in self.days)


@dataclass(frozen=True)
class Department:
    """Visible works of a department, and how many have a picture, a text, a vector, a retrieval."""

    name: str
    works: int
    pictured: int
    described: int
    embedded: int
    retrieved: int


@dataclass(frozen=True)
class Hub:
    """A work that many searches return."""

    pk: int
    title: str
    times: int


@dataclass(frozen=True)
class Collection:
    """The coverage of the collection, and the works returned most often."""

    departments: list[Department]
    hubs: list[Hub]

    @property
    def total(self) -> Department:
        """Return the sums over all departments."""
        names = ("works", "pictured", "described", "embedded", "retrieved")
        sums = {name: sum(getattr(each, name) for each in self.departments) for name in names}
        return Department("All departments", **sums)

    @property
    def rows(self) -> list[Department]:
        """Return the sums, then each department."""
        return [self.total, *self.departments]


def log(days: int) -> CachedValue[Log] | None:
    """Return statistics of the last `days`, today included; None during the first count."""
    return background.stale_while_revalidate(
        f"insight-log:{days}", Log, partial(read_log, days), lambda _: LOG_TTL_SECONDS
    )


def collection() -> CachedValue[Collection] | None:
    """Return statistics of the collection; None during the first count."""
    return background.stale_while_revalidate(
        "insight-collection", Collection, read_collection, lambda _: COLLECTION_TTL_SECONDS
    )


def read_log(days: int) -> Log:
    """Count the searches of the last `days`, today included."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=days - 1)
    rows = QueryLog.objects.filter(at__gte=since).order_by()
    return Log(
        _days(rows, [(since + timedelta(days=n)).date() for n in range(days)]),
        _query_counts(rows, "-times"),
        _query_counts(rows, "-weak", weak__gt=0),
        _latency(since),
    )


def _days(rows: QuerySet[QueryLog], days: Sequence[date]) -> list[Day]:
    counts = rows.annotate(day=TruncDate("at")).values("day")
    by_day = {
        row["day"]: Day(row["day"], row["searches"], row["weak"])
        for row in counts.annotate(searches=Count("pk"), weak=Count("pk", filter=WEAK))
    }
    return [by_day.get(day) or Day(day, 0, 0) for day in days]


def _query_counts(rows: QuerySet[QueryLog], *order: str, **having: Any) -> list[QueryCount]:
    grouped = rows.exclude(key="").values("key")
    # One of the spellings is enough to show the query.
    counts = grouped.annotate(
        spelling=Max("query"), times=Count("pk"), weak=Count("pk", filter=WEAK)
    )
    top = counts.filter(**having).order_by(*order, "key")[:TOP_QUERIES]
    return [QueryCount(row["spelling"], row["times"], row["weak"]) for row in top]


_LATENCY = """
SELECT source, count(*), percentile_cont(%s::float8[]) WITHIN GROUP (ORDER BY milliseconds)
FROM search_querylog WHERE at >= %s GROUP BY source ORDER BY source
"""


def _latency(since: datetime) -> list[Latency]:
    with connection.cursor() as cursor:
        cursor.execute(_LATENCY, [list(PERCENTILES), since])
        return [Latency(source, n, tuple(values)) for source, n, values in cursor.fetchall()]


_DEPARTMENTS = """
SELECT coalesce(a.department, ''), count(*),
    count(*) FILTER (WHERE a.image_status = 'stored'),
    count(d.artwork_id), count(e.artwork_id), count(r.artwork_id)
FROM museum_artwork a
LEFT JOIN (SELECT DISTINCT artwork_id FROM museum_description
           WHERE is_approved AND NOT is_boilerplate) d ON d.artwork_id = a.id
LEFT JOIN (SELECT DISTINCT artwork_id FROM search_embedding
           WHERE model_id = %s) e ON e.artwork_id = a.id
LEFT JOIN search_retrievals r ON r.artwork_id = a.id
WHERE NOT a.is_hidden AND a.withdrawn_at IS NULL
GROUP BY 1 ORDER BY 2 DESC, 1
"""


def read_collection() -> Collection:
    """Count the coverage of each department and the works returned most often."""
    model = registry.active()
    with connection.cursor() as cursor:
        cursor.execute(_DEPARTMENTS, [model.pk if model else None])
        departments = [Department(*row) for row in cursor.fetchall()]
    hubs = Retrievals.objects.filter(artwork__in=Artwork.objects.visible()).order_by("-times", "pk")
    rows = hubs.values_list("artwork", "artwork__title", "times")[:TOP_HUBS]
    return Collection(departments, [Hub(*row) for row in rows])
