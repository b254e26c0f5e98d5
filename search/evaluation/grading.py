"""The works of one query that one rater grades, and where raters disagree."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, F, Max, Min, OuterRef, QuerySet, Subquery

from museum.models import Artwork
from search.models import Judgment, JudgmentQuery, PooledWork

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FIELD_PREFIX = "grade-"


@dataclass(frozen=True)
class Card:
    """A pooled work and the grade that this rater gave it, None if not yet graded."""

    work: Artwork
    grade: int | None

    @property
    def name(self) -> str:
        """Return the name of the form field."""
        return f"{FIELD_PREFIX}{self.work.pk}"


@dataclass(frozen=True)
class Disagreement:
    """A work whose highest and lowest grades for a query differ widely."""

    query: JudgmentQuery
    work: Artwork
    lowest: int
    highest: int


def cards(query: JudgmentQuery, rater: "User") -> list[Card]:
    """Return the pool of `query` with the grades of `rater` alone.

    The order is shuffled, so that it gives no ranking away, and stays the same for one rater.
    """
    # Ids first: PostgreSQL misjudges a join here and plans for all works.
    grades = query.judgments.filter(rater=rater, artwork=OuterRef("artwork")).order_by()
    pooled = query.pool.order_by().annotate(own=Subquery(grades.values("grade")))
    own = dict(pooled.values_list("artwork", "own"))
    works = Artwork.objects.filter(pk__in=own).visible()
    visible = works.select_related("artist").defer("search_document")

    def shuffle_key(work: Artwork) -> bytes:
        key = f"{query.pk} {rater.pk} {work.pk}".encode()
        return hashlib.blake2b(key, digest_size=8).digest()

    return [Card(work, own[work.pk]) for work in sorted(visible, key=shuffle_key)]


def save(query: JudgmentQuery, rater: "User", form_data: Mapping[str, str]) -> int:
    """Save the grades in `form_data`, all or some fields of the grid; return how many.

    Raises `ValueError` if one is no grade of a pooled work; nothing is saved then.
    """
    pooled = set(query.pool.values_list("artwork", flat=True))
    grades = {}
    for name, value in form_data.items():
        if not name.startswith(FIELD_PREFIX):
            continue
        number = name.removeprefix(FIELD_PREFIX)
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
    ungraded = PooledWork.objects.filter(
        ~Exists(own), artwork__is_hidden=False, artwork__withdrawn_at__isnull=True
    )
    return JudgmentQuery.objects.filter(pk__in=ungraded.values("query"))


def following(query: JudgmentQuery, rater: "User") -> JudgmentQuery | None:
    """Return the next query, by text, with works that `rater` has not graded; None if all are."""
    others = unfinished(rater).exclude(pk=query.pk)
    return others.filter(query__gt=query.query).first() or others.first()


def disagreements(min_difference: int) -> list[Disagreement]:
    """Return works whose grades differ by `min_difference` or more, widest difference first."""
    wide = (
        Judgment.objects.order_by()
        .values("query", "artwork")
        .annotate(lowest=Min("grade"), highest=Max("grade"))
        .filter(highest__gte=F("lowest") + min_difference)
        .order_by(F("lowest") - F("highest"), "query", "artwork")
    )
    rows = list(wide)
    queries = JudgmentQuery.objects.in_bulk({row["query"] for row in rows})
    works = Artwork.objects.defer("search_document").in_bulk({row["artwork"] for row in rows})
    return [
        Disagreement(queries[row["query"]], works[row["artwork"]], row["lowest"], row["highest"])
        for row in rows
    ]
