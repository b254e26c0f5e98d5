"""What judgments come to: files for evaluation, and hard negatives for training."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median_low

from search.models import Judgment, JudgmentQuery

FITS = Judgment.Grade.FITS
Split = JudgmentQuery.Split


@dataclass(frozen=True)
class Verdict:
    """A query with the grade of each judged work, by its id."""

    query: str
    grades: dict[int, int]


@dataclass(frozen=True)
class HardNegatives:
    """Works that answer a query, and works that rankings take for answers though they are none."""

    query: str
    positives: tuple[int, ...]
    negatives: tuple[int, ...]


def verdicts(split: str) -> Iterator[Verdict]:
    """Yield the judged queries of `split`; of several raters' grades the middle one, or the lower
    of the two in the middle."""
    rows = Judgment.objects.filter(query__split=split).order_by("query__query", "artwork__artic_id")
    by_query: dict[str, dict[int, list[int]]] = {}
    for query, work, grade in rows.values_list("query__query", "artwork__artic_id", "grade"):
        by_query.setdefault(query, {}).setdefault(work, []).append(grade)
    for query, grades in by_query.items():
        yield Verdict(query, {work: median_low(given) for work, given in grades.items()})


def lines(split: str) -> Iterator[str]:
    """Yield a line of JSON for each query of `split`, as `manage.py evaluate` reads them.

    Queries that no judged work answers are left out: no ranking could be told from another by them.
    """
    for verdict in verdicts(split):
        relevant = {str(work): grade for work, grade in verdict.grades.items() if grade}
        irrelevant = [work for work, grade in verdict.grades.items() if not grade]
        if any(grade >= FITS for grade in relevant.values()):
            row = {"query": verdict.query, "relevant": relevant, "irrelevant": irrelevant}
            yield json.dumps(row, ensure_ascii=False)


def hard_negatives() -> Iterator[HardNegatives]:
    """Yield what training may learn from mistakes of searches. Test queries stay out of it."""
    for verdict in verdicts(Split.TRAINING):
        positives = tuple(work for work, grade in verdict.grades.items() if grade >= FITS)
        negatives = tuple(work for work, grade in verdict.grades.items() if not grade)
        if positives and negatives:
            yield HardNegatives(verdict.query, positives, negatives)
