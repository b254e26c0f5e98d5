"""Retrieval metrics in NumPy, over the whole gallery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

CUTS = (1, 5, 10, 50)
DEPTH = 10
MEASURES = (*(f"R@{k}" for k in CUTS), "MRR", "nDCG@10", "P@10", "Recall@10")
# Grades of judged works: 2 and more for what was asked for, 1 for what one would be glad to see.
ASKED_FOR = 2

Grades = Mapping[int, int]  # column of the gallery -> grade above 0


def ranks(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the rank of each query's target, from 1: (queries,), int.

    `scores` is (queries, gallery), `targets` (queries,) names the right column. Equal scores
    count against the target: a gallery of copies is no success.
    """
    own = scores[np.arange(len(scores)), targets]
    return (scores >= own[:, None]).sum(axis=1)


def recall_at(ranked: np.ndarray, k: int) -> float:
    """Return the share of queries whose target is among the first k."""
    return float((ranked <= k).mean())


def retrieval(ranked: np.ndarray) -> dict[str, float]:
    """Return recall at 1, 5, 10 and 50, the mean reciprocal rank and the median rank."""
    return {
        **{f"R@{k}": recall_at(ranked, k) for k in CUTS},
        "MRR": float((1 / ranked).mean()),
        "median_rank": float(np.median(ranked)),
    }


def chance(gallery: int) -> dict[str, float]:
    """Return what a random order of `gallery` works gives on average."""
    return {
        **{f"R@{k}": min(1.0, k / gallery) for k in CUTS},
        "MRR": float((1 / np.arange(1, gallery + 1)).mean()),
        "median_rank": (gallery + 1) / 2,
    }


def top(scores: np.ndarray, k: int) -> np.ndarray:
    """Return the columns of the k best scores of each row, best first: (queries, k)."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


@dataclass(frozen=True)
class Ranking:
    """One query's answer: `rank` of the first work asked for, from 1 (inf where none is found),
    and the first columns of the gallery, best first, with their scores."""

    rank: float
    columns: np.ndarray
    scores: np.ndarray


def rank_one(scores: np.ndarray, grades: Grades, depth: int) -> Ranking:
    """Rank a gallery by `scores` (gallery,); of equal scores what was asked for comes last."""
    asked = [column for column, grade in grades.items() if grade >= ASKED_FOR]
    best = scores[asked].max()
    others = int((scores >= best).sum() - (scores[asked] >= best).sum())
    depth = min(depth, len(scores))
    # All that could be among the first, ties at the edge included, and then in exact order.
    edge = np.partition(scores, len(scores) - depth)[len(scores) - depth]
    near = np.flatnonzero(scores >= edge)
    grade = np.array([grades.get(int(column), 0) for column in near])
    order = near[np.lexsort((near, grade, -scores[near]))][:depth]
    return Ranking(others + 1, order, scores[order])


def of_query(grades: Sequence[int], relevant: Sequence[int], rank: float) -> dict[str, float]:
    """Return all `MEASURES` of one query.

    `grades` are those of the works found, best first, 0 for others; `relevant` those of all judged
    works; `rank` is that of the first work asked for. R@k is 1 if a work asked for is within k
    (success at k, which equals recall where one work is asked for), MRR its reciprocal rank. nDCG
    has the gains 2^grade - 1 (Burges et al. 2005); P@10 and Recall@10 count every grade above 0.
    """
    ideal = sorted((2**grade - 1 for grade in relevant), reverse=True)[:DEPTH]
    found = sum(grade > 0 for grade in grades[:DEPTH])
    return {
        **{f"R@{k}": float(rank <= k) for k in CUTS},
        "MRR": 1 / rank,
        "nDCG@10": _dcg([2**grade - 1 for grade in grades[:DEPTH]]) / _dcg(ideal),
        "P@10": found / DEPTH,
        "Recall@10": found / sum(grade > 0 for grade in relevant),
    }


def chance_of(relevant: Sequence[int], gallery: int) -> dict[str, float]:
    """Return what a random order gives on average, exactly, for works of these grades."""
    return _chance_of(tuple(sorted(relevant, reverse=True)), gallery)


def recall_by_chance(relevant: Sequence[int], gallery: int, deepest: int) -> np.ndarray:
    """Return how often a random order has a work asked for within k, for k from 1: (deepest,)."""
    return 1 - _missed(sum(grade >= ASKED_FOR for grade in relevant), gallery)[:deepest]


def _missed(wanted: int, gallery: int) -> np.ndarray:
    """Return the share of orders in which none of the wanted is among the first n: (gallery,)."""
    return np.cumprod(np.maximum(0.0, 1 - wanted / (gallery - np.arange(gallery))))


@lru_cache(maxsize=4096)
def _chance_of(relevant: tuple[int, ...], gallery: int) -> dict[str, float]:
    gains = [2**grade - 1 for grade in relevant]
    wanted = sum(grade >= ASKED_FOR for grade in relevant)
    positive = sum(grade > 0 for grade in relevant)
    missed = _missed(wanted, gallery)
    first = -np.diff(missed, prepend=1.0)
    shown = min(DEPTH, gallery)
    return {
        **{f"R@{k}": float(1 - missed[min(k, gallery) - 1]) for k in CUTS},
        "MRR": float((first / np.arange(1, gallery + 1)).sum()),
        "nDCG@10": sum(gains) * _dcg([1.0] * shown) / gallery / _dcg(gains[:DEPTH]),
        "P@10": positive * shown / gallery / DEPTH,
        "Recall@10": shown / gallery,
        "median_rank": float((missed > 0.5).sum() + 1),
    }


def _dcg(gains: Sequence[float]) -> float:
    return float(sum(gain / np.log2(n + 2) for n, gain in enumerate(gains)))
