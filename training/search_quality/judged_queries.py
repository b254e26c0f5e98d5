"""Judged queries, and the measures of ranked lists. Pure: no database, no model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.evaluation import metrics, significance
from training.evaluation.metrics import RELEVANT_GRADE

MEASURES = ("nDCG@10", "MRR", "R@1", "R@5", "R@10")


@dataclass(frozen=True)
class JudgedQuery:
    """A query in a visitor's words. `relevant` maps ids of works to grades: 2 or 3 for relevant
    works, 1 for works that are welcome, too."""

    words: str
    relevant: dict[int, int]


def read(path: Path) -> list[JudgedQuery]:
    """Read a file of {"query": ..., "relevant": {id: grade}} lines."""
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [
        JudgedQuery(row["query"], {int(work): grade for work, grade in row["relevant"].items()})
        for row in rows
    ]


def measure(queries: Sequence[JudgedQuery], lists: Sequence[Sequence[int]]) -> np.ndarray:
    """Return (queries, measures) of `lists`, best first: nDCG@10, MRR, R@1, R@5, R@10.

    They are those of `metrics.of_query`. A work that is missing from its list counts 0.
    """
    return np.array([_measures_of(query, ids) for query, ids in zip(queries, lists, strict=True)])


def _measures_of(query: JudgedQuery, ids: Sequence[int]) -> list[float]:
    grades = [query.relevant.get(work, 0) for work in ids]
    rank = next((n for n, grade in enumerate(grades, start=1) if grade >= RELEVANT_GRADE), np.inf)
    measured = metrics.of_query(grades, list(query.relevant.values()), rank)
    return [measured[name] for name in MEASURES]


def chance(queries: Sequence[JudgedQuery], gallery: int) -> dict[str, float]:
    """Return the exact average figures of a random order of `gallery` works."""
    rows = [metrics.chance_of(list(query.relevant.values()), gallery) for query in queries]
    return {name: float(np.mean([row[name] for row in rows])) for name in MEASURES}


def summary(measured: np.ndarray) -> dict[str, dict[str, Any]]:
    """Return each measure's mean over queries with a 95 % bootstrap interval over queries."""
    return significance.summary(measured, MEASURES)
