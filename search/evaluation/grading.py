"""The grid of works that one person judges for one query."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, F, Max, Min, OuterRef, QuerySet, Subquery

from museum.models import Artwork
from search.models import Judgment, JudgmentQuery, PooledWork

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PREFIX = "grade-"


@dataclass(frozen=True)
class Card:
    """A pooled work and this person's grade of it, None before there is one."""

    work: Artwork
    grade: int | None

    @property
    def name(self) -> str:
        """What its field is called in the form."""
        return f"{PREFIX}{self.work.pk}"


@dataclass(frozen=True)
class Apart:
    """A work whose grades for a query lie far apart."""

    query: JudgmentQuery
    work: Artwork
    lowest: int
    highest: int


def cards(query: JudgmentQuery, rater: "User") -> list[Card]:
    """Return the pool of `query` with the grades of `rater`, and nobody else's.

    The order tells nothing of any ranking: it is shuffled, the same way each time for one person.
    """
    # Their numbers first: of a join PostgreSQL cannot tell how few works of all it needs.
    grades = query.judgments.filter(rater=rater, artwork=OuterRef("artwork")).order_by()
    pooled = query.pool.order_by().annotate(own=Subquery(grades.values("grade")))
    own = dict(pooled.values_list("artwork", "own"))
    works = Artwork.objects.filter(pk__in=own).visible()
    found = works.select_related("artist").defer("search_document")

    def shuffled(work: Artwork) -> bytes:
        key = f"{query.pk} {rater.pk} {work.pk}".encode()
        return hashlib.blake2b(key, digest_size=8).digest()

    return [Card(work, own[work.pk]) for work in sorted(found, key=shuffled)]


def save(query: JudgmentQuery, rater: "User", sent: Mapping[str, str]) -> int:
    """Keep the grades in `sent`, a form of the grid or a part of it; return how many.

    Raises `ValueError` for what is no grade of a pooled work, and then keeps nothing.
    """
    pooled = set(query.pool.values_list("artwork", flat=True))
    grades = {}
    for name, value in sent.items():
        if not name.startswith(PREFIX):
            continue
        number = name.removeprefix(PREFIX)
        work = int(number) if number.isdecimal() else 0
        if work not in pooled or value not in map(str, Judgment.Grade.values):
            raise ValueError(f"{name}={value} is no grade of a work in the pool.")
        grades[work] = int(value)
    Judgment.objects.bulk_create(
        [
            Judgment(query=query, rater=rater, artwork_id=work, grade=grade)
            for work, grade in grades.items()
        ],
        update_conflicts=True,
        unique_fields=["query", "artwork", "rater"],
        update_fields=["grade", "updated_at"],
    )
    return len(grades)


def unfinished(rater: "User") -> QuerySet[JudgmentQuery]:
    """Return the queries with pooled works that `rater` has not graded."""
    own = Judgment.objects.filter(rater=rater, query=OuterRef("query"), artwork=OuterRef("artwork"))
    open_ = PooledWork.objects.filter(
        ~Exists(own), artwork__is_hidden=False, artwork__withdrawn_at__isnull=True
    )
    return JudgmentQuery.objects.filter(pk__in=open_.values("query"))


def following(query: JudgmentQuery, rater: "User") -> JudgmentQuery | None:
    """Return the next query that `rater` has not graded wholly."""
    others = unfinished(rater).exclude(pk=query.pk)
    return others.filter(query__gt=query.query).first() or others.first()


def far_apart(grades: int) -> list[Apart]:
    """Return where raters differ by `grades` or more, widest first."""
    rows = (
        Judgment.objects.order_by()
        .values("query", "artwork")
        .annotate(lowest=Min("grade"), highest=Max("grade"))
        .filter(highest__gte=F("lowest") + grades)
        .order_by(F("lowest") - F("highest"), "query", "artwork")
    )
    found = list(rows)
    queries = JudgmentQuery.objects.in_bulk({row["query"] for row in found})
    works = Artwork.objects.defer("search_document").in_bulk({row["artwork"] for row in found})
    return [
        Apart(queries[row["query"]], works[row["artwork"]], row["lowest"], row["highest"])
        for row in found
    ]
