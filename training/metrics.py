"""Retrieval metrics in NumPy, over the whole gallery."""

from __future__ import annotations

import numpy as np


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
    """Return recall at 1, 5 and 10, the mean reciprocal rank and the median rank."""
    return {
        **{f"R@{k}": recall_at(ranked, k) for k in (1, 5, 10)},
        "MRR": float((1 / ranked).mean()),
        "median_rank": float(np.median(ranked)),
    }


def chance(gallery: int) -> dict[str, float]:
    """Return what a random order of `gallery` works gives on average."""
    return {
        **{f"R@{k}": min(1.0, k / gallery) for k in (1, 5, 10)},
        "MRR": float((1 / np.arange(1, gallery + 1)).mean()),
        "median_rank": (gallery + 1) / 2,
    }


def top(scores: np.ndarray, k: int) -> np.ndarray:
    """Return the columns of the k best scores of each row, best first: (queries, k)."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]
