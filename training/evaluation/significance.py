"""Intervals and tests over queries whose works come in groups. Pure NumPy.

Queries about works of one group (a series, a maker) are not independent, so groups are drawn, not
queries (Sakai, "Statistical reform in information retrieval?", SIGIR Forum 2014; Efron
and Tibshirani, "An introduction to the bootstrap", 1993). Without groups each query is a group.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

RESAMPLES = 2000
PERMUTATIONS = 5000
_BLOCK = 250  # resamples at a time, which bounds memory


def interval(
    values: np.ndarray,
    groups: Sequence[Hashable] | None = None,
    seed: int = 0,
    coverage: float = 0.95,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the bootstrap interval of the mean of `values` (queries, measures), low and high.

    For a paired comparison pass the differences. Either end of an interval of `coverage` .90 is a
    one-sided 95 % bound.
    """
    sums, counts = _by_group(values, groups)
    # Equal groups are drawn together: for recall there are few kinds.
    kinds, number = np.unique(np.column_stack([sums, counts]), axis=0, return_counts=True)
    sums, sizes = kinds[:, :-1], kinds[:, -1]
    draw, means = np.random.default_rng(seed), []
    for start in range(0, RESAMPLES, _BLOCK):
        resamples = min(_BLOCK, RESAMPLES - start)
        times = draw.multinomial(len(counts), number / len(counts), resamples)
        means.append(times @ sums / (times @ sizes)[:, None])
    outside = 50 * (1 - coverage)
    low, high = np.percentile(np.concatenate(means), [outside, 100 - outside], axis=0)
    return low, high


def permutation_p(
    differences: np.ndarray, groups: Sequence[Hashable] | None = None, seed: int = 0
) -> np.ndarray:
    """Return the two-sided p of a paired permutation test, (measures,): all of a group's
    differences (queries, measures) change their signs together."""
    sums, _ = _by_group(differences, groups)
    draw, observed = np.random.default_rng(seed), np.abs(sums.sum(axis=0))
    as_far = np.zeros(sums.shape[1])
    for start in range(0, PERMUTATIONS, _BLOCK):
        size = (min(_BLOCK, PERMUTATIONS - start), len(sums))
        totals = np.abs((2.0 * draw.integers(0, 2, size) - 1) @ sums)
        as_far += (totals >= observed - 1e-9).sum(axis=0)
    return (as_far + 1) / (PERMUTATIONS + 1)


def summary(
    values: np.ndarray,
    names: Sequence[str],
    groups: Sequence[Hashable] | None = None,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """Return each measure's mean over queries with its 95 % interval."""
    low, high = interval(values, groups, seed)
    return {
        name: {"mean": float(mean), "low": float(a), "high": float(b)}
        for name, mean, a, b in zip(names, values.mean(axis=0), low, high, strict=True)
    }


def _by_group(
    values: np.ndarray, groups: Sequence[Hashable] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of each group, (groups, measures), and its number of queries."""
    values = np.asarray(values, float)
    if groups is None:
        return values, np.ones(len(values))
    numbers: dict[Hashable, int] = {}
    of = np.array([numbers.setdefault(group, len(numbers)) for group in groups])
    sums = np.zeros((len(numbers), values.shape[1]))
    np.add.at(sums, of, values)
    return sums, np.bincount(of).astype(float)
