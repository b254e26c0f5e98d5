"""Hard negatives: queries that curators judged, each in a batch with works that do not answer it.

Searches row_queries those works and a curator graded them 0, so they are mistakes that a model
really makes. A batch's other pairs are drawn at random and are hardly ever as close.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from training.datasets.dataset import HardNegativeQuery

# Probability that a query replaces a work's own text in an epoch: both should be learned.
QUERY_PROBABILITY = 0.5
MAX_NEGATIVES = 8  # of a query in an epoch


@dataclass(frozen=True)
class HardNegativeRows:
    """A query with the rows that answer it, and rows that do not."""

    query: str
    positives: np.ndarray
    negatives: np.ndarray


def to_rows(
    queries: Iterable[HardNegativeQuery], rows: Mapping[str, int]
) -> list[HardNegativeRows]:
    """Replace keys by the rows of training items; a query without rows of both kinds is left
    out."""
    row_queries = []
    for query in queries:
        positives, negatives = (
            np.array([rows[key] for key in keys if key in rows], int)
            for keys in (query.positives, query.negatives)
        )
        if len(positives) and len(negatives):
            row_queries.append(HardNegativeRows(query.query, positives, negatives))
    return row_queries


def of_epoch(
    queries: Sequence[HardNegativeRows], epoch: int, seed: int
) -> dict[int, HardNegativeRows]:
    """Return the queries of `epoch` by the rows whose text they replace; always the same ones."""
    draw = np.random.default_rng([seed, epoch, 1])
    by_row: dict[int, HardNegativeRows] = {}
    for number in draw.permutation(len(queries)):
        row = int(draw.choice(queries[number].positives))
        if draw.random() < QUERY_PROBABILITY:
            by_row.setdefault(row, queries[number])
    return by_row


def reorder(order: np.ndarray, queries: Mapping[int, HardNegativeRows]) -> np.ndarray:
    """Return `order` with some negatives of each query moved behind its row.

    If a batch ends between them, they are ordinary pairs.
    """
    places = {int(row): place for place, row in enumerate(order)}
    moved: set[int] = set()
    behind: dict[int, list[int]] = {}
    for row, query in queries.items():
        free = [n for n in map(int, query.negatives) if n not in moved and n not in queries]
        # The order is random, so each epoch takes different negatives.
        behind[row] = sorted(free, key=places.__getitem__)[:MAX_NEGATIVES]
        moved.update(behind[row])
    others = (row for row in map(int, order) if row not in moved)
    return np.array([each for row in others for each in (row, *behind.get(row, ()))])


def apply_judgments(
    matches: Tensor, rows: np.ndarray, queries: Mapping[int, HardNegativeRows]
) -> None:
    """Set `matches` (texts, pictures) of the batch `rows` to the judgments of its queries.

    Judgments take precedence over groups.
    """
    for place, row in enumerate(map(int, rows)):
        if row in queries:
            matches[place, np.isin(rows, queries[row].positives)] = True
            matches[place, np.isin(rows, queries[row].negatives)] = False
