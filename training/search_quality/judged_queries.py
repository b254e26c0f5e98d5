"""Queries with judged works, and how well ranked lists answer them. Pure: no database, no model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.evaluation import metrics, significance
from training.evaluation.metrics import ASKED_FOR

MEASURES = ("nDCG@10", "MRR", "R@1", "R@5", "R@10")


@dataclass(frozen=True)
class JudgedQuery:
    """A query in a visitor's words. `relevant` maps ids of works to grades: 2 or 3 for what was
    asked for, 1 for what a visitor would be glad to see as well."""

    words: str
    relevant: dict[int, int]


def read(path: Path) -> list[JudgedQuery]:
    """Read a file of {"query": ..., "relevant": {id: grade}} lines."""
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [
        JudgedQuery(row["query"], {int(work): grade for work, grade in row["relevant"].items()})
        for row in rows
    ]


def measure(queries: Sequence[JudgedQuery], found: Sequence[Sequence[int]]) -> np.ndarray:
    """Return (queries, measures) of the lists `found`, best first: nDCG@10, MRR, R@1, R@5, R@10.

    They are those of `metrics.of_query`. A work that is not found counts 0.
    """
    return np.array([_one(query, ids) for query, ids in zip(queries, found, strict=True)])


def _one(query: JudgedQuery, ids: Sequence[int]) -> list[float]:
    grades = [query.relevant.get(work, 0) for work in ids]
    rank = next((n for n, grade in enumerate(grades, start=1) if grade >= ASKED_FOR), np.inf)
    measured = metrics.of_query(grades, list(query.relevant.values()), rank)
    return [measured[name] for name in MEASURES]


def chance(queries: Sequence[JudgedQuery], gallery: int) -> dict[str, float]:
    """Return what a random order of `gallery` works gives on average, exactly."""
    rows = [metrics.chance_of(list(query.relevant.values()), gallery) for query in queries]
    return {name: float(np.mean([row[name] for row in rows])) for name in MEASURES}


def summary(measured: np.ndarray) -> dict[str, dict[str, Any]]:
    """Return each measure's mean over queries with a 95 % bootstrap interval over queries."""
    return significance.summary(measured, MEASURES)
