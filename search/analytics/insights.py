"""What the query log and the counters say of how well the collection is found.

Every figure comes from one statement over the last days, or over the collection, and is kept for a
while: nothing here changes from one minute to the next.
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
from museum.core.caching.background import Kept
from museum.models import Artwork
from search.embeddings import registry
from search.models import QueryLog, Retrievals

DAYS = (7, 30, 90)
TOP = 20
HUBS = 12
LOG_TTL_SECONDS, COLLECTION_TTL_SECONDS = 60, 600
PERCENTILES = (0.5, 0.9, 0.95, 0.99)
WEAK = Q(count=0) | Q(relevance__in=["", "weak"])


@dataclass(frozen=True)
class Asked:
    """One query, whoever typed it how: how often, and in how many of these nothing fitted."""

    query: str
    times: int
    weak: int


@dataclass(frozen=True)
class Day:
    """The searches of one day, and those of them that found nothing or nothing but weak matches."""

    day: date
    searches: int
    weak: int


@dataclass(frozen=True)
class Latency:
    """Milliseconds that so many of the searches took at most, in order of `PERCENTILES`."""

    source: str
    searches: int
    milliseconds: tuple[float, ...]


@dataclass(frozen=True)
class Log:
    """What was searched for in the last `days`."""

    days: list[Day]
    top: list[Asked]
    weak: list[Asked]
    latency: list[Latency]

    @property
    def searches(self) -> int:
        """All of them."""
        return sum(day.searches for day in self.days)


@dataclass(frozen=True)
class Department:
    """Visible works of a department, and how many of them have what makes them found."""

    name: str
    works: int
    pictured: int
    described: int
    embedded: int
    retrieved: int


@dataclass(frozen=True)
class Hub:
    """A work that comes up more than others."""

    pk: int
    title: str
    times: int


@dataclass(frozen=True)
class Collection:
    """How the collection is covered, and which works are found most."""

    departments: list[Department]
    hubs: list[Hub]

    @property
    def total(self) -> Department:
        """All departments together."""
        names = ("works", "pictured", "described", "embedded", "retrieved")
        sums = {name: sum(getattr(each, name) for each in self.departments) for name in names}
        return Department("All departments", **sums)

    @property
    def rows(self) -> list[Department]:
        """That, and each of them."""
        return [self.total, *self.departments]


def log(days: int) -> Kept[Log] | None:
    """Return what was searched for in the last `days`, today included; None if that is being
    counted for the first time."""
    return background.lately(
        f"insight-log:{days}", Log, partial(read_log, days), lambda _: LOG_TTL_SECONDS
    )


def collection() -> Kept[Collection] | None:
    """Return how the collection is covered and found; None as for `log`."""
    return background.lately(
        "insight-collection", Collection, read_collection, lambda _: COLLECTION_TTL_SECONDS
    )


def read_log(days: int) -> Log:
    """Count what `log` returns."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=days - 1)
    rows = QueryLog.objects.filter(at__gte=since).order_by()
    return Log(
        _days(rows, [(since + timedelta(days=n)).date() for n in range(days)]),
        _asked(rows, "-times"),
        _asked(rows, "-weak", weak__gt=0),
        _latency(since),
    )


def _days(rows: QuerySet[QueryLog], days: Sequence[date]) -> list[Day]:
    counted = rows.annotate(day=TruncDate("at")).values("day")
    found = {
        row["day"]: Day(row["day"], row["searches"], row["weak"])
        for row in counted.annotate(searches=Count("pk"), weak=Count("pk", filter=WEAK))
    }
    return [found.get(day) or Day(day, 0, 0) for day in days]


def _asked(rows: QuerySet[QueryLog], *order: str, **having: Any) -> list[Asked]:
    grouped = rows.exclude(key="").values("key")
    # Any spelling that was typed will do to show it.
    counted = grouped.annotate(said=Max("query"), times=Count("pk"), weak=Count("pk", filter=WEAK))
    found = counted.filter(**having).order_by(*order, "key")[:TOP]
    return [Asked(row["said"], row["times"], row["weak"]) for row in found]


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
    """Count what `collection` returns."""
    model = registry.active()
    with connection.cursor() as cursor:
        cursor.execute(_DEPARTMENTS, [model.pk if model else None])
        departments = [Department(*row) for row in cursor.fetchall()]
    hubs = Retrievals.objects.filter(artwork__in=Artwork.objects.visible()).order_by("-times", "pk")
    rows = hubs.values_list("artwork", "artwork__title", "times")[:HUBS]
    return Collection(departments, [Hub(*row) for row in rows])
