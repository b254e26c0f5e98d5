"""Batches of pictures and drawn texts, made by a thread while the model is at the one before."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training import losses
from training.datasets.captions import Drawn
from training.finetuning import hard_negatives
from training.finetuning.distributed import Ranks
from training.finetuning.towers import Towers

AHEAD = 2


@dataclass(frozen=True)
class Batch:
    """`pixels` (n / processes, h, w, 3) uint8, this process's share; `tokens` (n, context) and
    `same` (n texts, n pictures) of the whole batch: pairs that are no negatives of each other."""

    pixels: np.ndarray
    tokens: Tensor
    same: Tensor


@dataclass(frozen=True)
class Pairs:
    """What is trained on: `rows` of the pixels, each with its group's number and its texts, and
    judged queries."""

    pixels: np.ndarray
    rows: np.ndarray
    groups: np.ndarray
    texts: Drawn
    judged: Sequence[hard_negatives.Hard] = ()

    def steps(self, batch: int) -> int:
        """Return the steps of an epoch."""
        return max(1, len(self.rows) // batch)

    def order(self, epoch: int, seed: int) -> np.ndarray:
        """Return `rows` in the order of `epoch`, always the same one."""
        order = np.random.default_rng([seed, epoch]).permutation(self.rows)
        queries = hard_negatives.asked(self.judged, epoch, seed)
        return hard_negatives.beside(order, queries) if queries else order

    def batch(
        self, towers: Towers, ranks: Ranks, *, size: int, seed: int, epoch: int, step: int
    ) -> Batch:
        """Return batch `step` of `epoch`."""
        size = min(size, len(self.rows)) // ranks.world * ranks.world
        # Sorted, the rows are read from the disk in one direction.
        rows = np.sort(self.order(epoch, seed)[step * size : (step + 1) * size])
        queries = hard_negatives.asked(self.judged, epoch, seed)
        tokens = towers.tokens(
            [
                queries[row].query if row in queries else self.texts.text(row, epoch)
                for row in map(int, rows)
            ]
        )
        groups = torch.from_numpy(self.groups[rows])
        same = losses.same_rows(groups[:, None]) | losses.same_rows(tokens)
        hard_negatives.judge(same, rows, queries)
        return Batch(self.pixels[rows[ranks.share(len(rows))]], tokens, same)


def ahead(make: Callable[[int], Batch], first: int, last: int) -> Iterator[Batch]:
    """Yield `make(first)` to `make(last - 1)`, each made before it is asked for."""
    with ThreadPoolExecutor(1, "batches") as pool:
        coming = deque(pool.submit(make, n) for n in range(first, min(first + AHEAD, last)))
        for number in range(first + len(coming), last + len(coming)):
            if number < last:
                coming.append(pool.submit(make, number))
            if coming:
                yield coming.popleft().result()
