"""Queries with judged works, and how well ranked lists answer them. Pure: no database, no model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DEPTH = 10
CUTS = (1, 5, 10)
MEASURES = ("nDCG@10", "MRR", *(f"R@{k}" for k in CUTS))
ASKED_FOR = 2
RESAMPLES = 2000


@dataclass(frozen=True)
class JudgedQuery:
    """A query in a visitor's words. `relevant` maps ids of works to grades: 2 for what was asked
    for, 1 for what a visitor would be glad to see as well."""

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

    nDCG has the gains 2^grade - 1 (Burges et al. 2005). MRR and R@k are of the first work of grade
    2: R@k is the share of queries that show one within k. A work that is not found counts 0.
    """
    return np.array([_one(query, ids) for query, ids in zip(queries, found, strict=True)])


def _one(query: JudgedQuery, ids: Sequence[int]) -> list[float]:
    gains = [2 ** query.relevant.get(work, 0) - 1 for work in ids[:DEPTH]]
    ideal = sorted((2**grade - 1 for grade in query.relevant.values()), reverse=True)[:DEPTH]
    ranks = (n for n, work in enumerate(ids, start=1) if query.relevant.get(work) == ASKED_FOR)
    rank = next(ranks, np.inf)
    return [_dcg(gains) / _dcg(ideal), 1 / rank, *(float(rank <= k) for k in CUTS)]


def _dcg(gains: Sequence[float]) -> float:
    return float(sum(gain / np.log2(n + 2) for n, gain in enumerate(gains)))


def chance(queries: Sequence[JudgedQuery], gallery: int) -> dict[str, float]:
    """Return what a random order of `gallery` works gives on average, exactly."""
    discounts = _dcg([1.0] * min(DEPTH, gallery)) / gallery
    rows = []
    for query in queries:
        gains = sorted((2**grade - 1 for grade in query.relevant.values()), reverse=True)
        wanted = sum(grade == ASKED_FOR for grade in query.relevant.values())
        # The share of orders in which none of the wanted is among the first n.
        missed = np.cumprod([max(0, 1 - wanted / (gallery - n)) for n in range(gallery)])
        first = -np.diff(missed, prepend=1.0)
        rows.append(
            [
                sum(gains) * discounts / _dcg(gains[:DEPTH]),
                float((first / np.arange(1, gallery + 1)).sum()),
                *(float(1 - missed[min(k, gallery) - 1]) for k in CUTS),
            ]
        )
    return dict(zip(MEASURES, np.mean(rows, axis=0).tolist(), strict=True))


def summary(measured: np.ndarray, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Return each measure's mean over queries with a 95 % bootstrap interval over queries."""
    draws = np.random.default_rng(seed).integers(0, len(measured), (RESAMPLES, len(measured)))
    low, high = np.percentile(measured[draws].mean(axis=1), [2.5, 97.5], axis=0)
    return {
        name: {"mean": float(mean), "low": float(a), "high": float(b)}
        for name, mean, a, b in zip(MEASURES, measured.mean(axis=0), low, high, strict=True)
    }
