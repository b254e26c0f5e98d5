"""Retrieval metrics in NumPy, over the whole gallery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

RECALL_CUTS = (1, 5, 10, 50)
MEASURE_DEPTH = 10
MEASURES = (*(f"R@{k}" for k in RECALL_CUTS), "MRR", "nDCG@10", "P@10", "Recall@10")
# Grades of judged works: 2 or more for relevant ones, 1 for works that are welcome, too.
RELEVANT_GRADE = 2

Grades = Mapping[int, int]  # column of the gallery -> grade above 0


def ranks(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the rank of each query's target, from 1: (queries,), int.

    `scores` is (queries, gallery), `targets` (queries,) the right columns. Equal scores count
    against the target, so a gallery of copies scores badly.
    """
    own = scores[np.arange(len(scores)), targets]
    return (scores >= own[:, None]).sum(axis=1)


def recall_at(target_ranks: np.ndarray, k: int) -> float:
    """Return the share of queries whose target is among the first k."""
    return float((target_ranks <= k).mean())


def retrieval(target_ranks: np.ndarray) -> dict[str, float]:
    """Return recall at 1, 5, 10 and 50, the mean reciprocal rank and the median rank."""
    return {
        **{f"R@{k}": recall_at(target_ranks, k) for k in RECALL_CUTS},
        "MRR": float((1 / target_ranks).mean()),
        "median_rank": float(np.median(target_ranks)),
    }


def chance(gallery: int) -> dict[str, float]:
    """Return the average figures of a random order of `gallery` works."""
    return {
        **{f"R@{k}": min(1.0, k / gallery) for k in RECALL_CUTS},
        "MRR": float((1 / np.arange(1, gallery + 1)).mean()),
        "median_rank": (gallery + 1) / 2,
    }


def top(scores: np.ndarray, k: int) -> np.ndarray:
    """Return the columns of the k best scores of each row, best first: (queries, k)."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


@dataclass(frozen=True)
class Ranking:
    """One query's ranking: the `rank` of the first relevant work, from 1 (inf if none is found),
    and the first columns of the gallery, best first, with their scores."""

    rank: float
    columns: np.ndarray
    scores: np.ndarray


def rank_one(scores: np.ndarray, grades: Grades, depth: int) -> Ranking:
    """Rank a gallery by `scores` (gallery,); among equal scores relevant works come last."""
    relevant = [column for column, grade in grades.items() if grade >= RELEVANT_GRADE]
    best = scores[relevant].max()
    others = int((scores >= best).sum() - (scores[relevant] >= best).sum())
    depth = min(depth, len(scores))
    # Select all candidates for the first places, ties at the edge included; then sort exactly.
    edge = np.partition(scores, len(scores) - depth)[len(scores) - depth]
    near = np.flatnonzero(scores >= edge)
    grade = np.array([grades.get(int(column), 0) for column in near])
    order = near[np.lexsort((near, grade, -scores[near]))][:depth]
    return Ranking(others + 1, order, scores[order])


def of_query(grades: Sequence[int], relevant: Sequence[int], rank: float) -> dict[str, float]:
    """Return all `MEASURES` of one query.

    `grades` are those of the ranked works, best first, 0 for unjudged works; `relevant` those of
    all judged works; `rank` is that of the first relevant work. R@k is 1 if a relevant work is
    within k (success at k, which equals recall if one work is relevant), MRR its reciprocal rank.
    nDCG has the gains 2^grade - 1 (Burges et al. 2005); P@10 and Recall@10 count every grade above
    0.
    """
    ideal = sorted((2**grade - 1 for grade in relevant), reverse=True)[:MEASURE_DEPTH]
    hits = sum(grade > 0 for grade in grades[:MEASURE_DEPTH])
    return {
        **{f"R@{k}": float(rank <= k) for k in RECALL_CUTS},
        "MRR": 1 / rank,
        "nDCG@10": _dcg([2**grade - 1 for grade in grades[:MEASURE_DEPTH]]) / _dcg(ideal),
        "P@10": hits / MEASURE_DEPTH,
        "Recall@10": hits / sum(grade > 0 for grade in relevant),
    }


def chance_of(relevant: Sequence[int], gallery: int) -> dict[str, float]:
    """Return the exact average figures of a random order, for works of these grades."""
    return _chance_of(tuple(sorted(relevant, reverse=True)), gallery)


def recall_by_chance(relevant: Sequence[int], gallery: int, deepest: int) -> np.ndarray:
    """Return how often a random order has a relevant work within k, for k from 1: (deepest,)."""
    return 1 - _missed(sum(grade >= RELEVANT_GRADE for grade in relevant), gallery)[:deepest]


def _missed(relevant: int, gallery: int) -> np.ndarray:
    """Return the share of orders without a relevant work among the first n: (gallery,)."""
    return np.cumprod(np.maximum(0.0, 1 - relevant / (gallery - np.arange(gallery))))


@lru_cache(maxsize=4096)
def _chance_of(relevant: tuple[int, ...], gallery: int) -> dict[str, float]:
    gains = [2**grade - 1 for grade in relevant]
    relevant_number = sum(grade >= RELEVANT_GRADE for grade in relevant)
    positive = sum(grade > 0 for grade in relevant)
    missed = _missed(relevant_number, gallery)
    first = -np.diff(missed, prepend=1.0)
    depth = min(MEASURE_DEPTH, gallery)
    return {
        **{f"R@{k}": float(1 - missed[min(k, gallery) - 1]) for k in RECALL_CUTS},
        "MRR": float((first / np.arange(1, gallery + 1)).sum()),
        "nDCG@10": sum(gains) * _dcg([1.0] * depth) / gallery / _dcg(gains[:MEASURE_DEPTH]),
        "P@10": positive * depth / gallery / MEASURE_DEPTH,
        "Recall@10": depth / gallery,
        "median_rank": float((missed > 0.5).sum() + 1),
    }


def _dcg(gains: Sequence[float]) -> float:
    return float(sum(gain / np.log2(n + 2) for n, gain in enumerate(gains)))
