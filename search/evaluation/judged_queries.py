"""Judged queries: files for evaluation, and hard negatives for training."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median_low

from search.models import Judgment, JudgmentQuery

FITS = Judgment.Grade.FITS
Split = JudgmentQuery.Split


@dataclass(frozen=True)
class JudgedQuery:
    """A query with the grade of each judged work, by its id."""

    query: str
    grades: dict[int, int]


@dataclass(frozen=True)
class HardNegatives:
    """A query with works that fit it, and works that rankings return though they do not fit."""

    query: str
    positives: tuple[int, ...]
    negatives: tuple[int, ...]


def judged_queries(split: str) -> Iterator[JudgedQuery]:
    """Yield the judged queries of `split`; a work's grade is the lower median over raters."""
    rows = Judgment.objects.filter(query__split=split).order_by("query__query", "artwork__artic_id")
    by_query: dict[str, dict[int, list[int]]] = {}
    for query, work, grade in rows.values_list("query__query", "artwork__artic_id", "grade"):
        by_query.setdefault(query, {}).setdefault(work, []).append(grade)
    for query, grades in by_query.items():
        yield JudgedQuery(query, {work: median_low(by_rater) for work, by_rater in grades.items()})


def lines(split: str) -> Iterator[str]:
    """Yield a line of JSON for each query of `split`, as `manage.py evaluate` reads them.

    Queries without a fitting work are left out: no ranking of them is better than another.
    """
    for judged in judged_queries(split):
        relevant = {str(work): grade for work, grade in judged.grades.items() if grade}
        irrelevant = [work for work, grade in judged.grades.items() if not grade]
        if any(grade >= FITS for grade in relevant.values()):
            row = {"query": judged.query, "relevant": relevant, "irrelevant": irrelevant}
            yield json.dumps(row, ensure_ascii=False)


def hard_negatives() -> Iterator[HardNegatives]:
    """Yield the hard negatives of the training queries; test queries stay out of training."""
    for judged in judged_queries(Split.TRAINING):
        positives = tuple(work for work, grade in judged.grades.items() if grade >= FITS)
        negatives = tuple(work for work, grade in judged.grades.items() if not grade)
        if positives and negatives:
            yield HardNegatives(judged.query, positives, negatives)
