"""Hard negatives: queries that curators judged, each in a batch with works that do not answer it.

Searches found those works and a curator graded them 0, so they are the mistakes that a model makes.
Among a batch's other pairs, drawn by chance, hardly one is as near.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from training.datasets import Judged

# Chance of a query to be asked in an epoch: its works are also to be known by their own texts.
SHARE = 0.5
MOST = 8  # negatives of a query in an epoch


@dataclass(frozen=True)
class Hard:
    """A query with the rows that answer it, and those that do not."""

    query: str
    positives: np.ndarray
    negatives: np.ndarray


def of_rows(judged: Iterable[Judged], rows: Mapping[str, int]) -> list[Hard]:
    """Return what `judged` says of the items with these keys, trained ones alone."""
    found = []
    for each in judged:
        positives, negatives = (
            np.array([rows[key] for key in keys if key in rows], int)
            for keys in (each.positives, each.negatives)
        )
        if len(positives) and len(negatives):
            found.append(Hard(each.query, positives, negatives))
    return found


def asked(hard: Sequence[Hard], epoch: int, seed: int) -> dict[int, Hard]:
    """Return the queries of `epoch` by the rows that they stand for as texts; always the same."""
    draw = np.random.default_rng([seed, epoch, 1])
    found: dict[int, Hard] = {}
    for number in draw.permutation(len(hard)):
        row = int(draw.choice(hard[number].positives))
        if draw.random() < SHARE:
            found.setdefault(row, hard[number])
    return found


def beside(order: np.ndarray, queries: Mapping[int, Hard]) -> np.ndarray:
    """Return `order` with some negatives of each query moved behind its row.

    A batch may end between them: then they are pairs like others.
    """
    places = {int(row): place for place, row in enumerate(order)}
    moved: set[int] = set()
    behind: dict[int, list[int]] = {}
    for row, hard in queries.items():
        free = [n for n in map(int, hard.negatives) if n not in moved and n not in queries]
        # By their places in a random order, so that another epoch takes others.
        behind[row] = sorted(free, key=places.__getitem__)[:MOST]
        moved.update(behind[row])
    kept = (row for row in map(int, order) if row not in moved)
    return np.array([each for row in kept for each in (row, *behind.get(row, ()))])


def judge(same: Tensor, rows: np.ndarray, queries: Mapping[int, Hard]) -> None:
    """Let curators decide which `rows` are no negatives of a query's text, whatever their groups.

    `same` (texts, pictures) of the batch `rows` is changed.
    """
    for place, row in enumerate(map(int, rows)):
        if row in queries:
            same[place, np.isin(rows, queries[row].positives)] = True
            same[place, np.isin(rows, queries[row].negatives)] = False
