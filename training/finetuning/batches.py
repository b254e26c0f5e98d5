"""Batches of pictures and drawn texts, made by a thread while the model trains on earlier ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training import losses
from training.datasets.captions import CaptionSampler
from training.finetuning import hard_negatives
from training.finetuning.distributed import ProcessGroup
from training.finetuning.hard_negatives import HardNegativeRows
from training.finetuning.towers import Towers

PREFETCHED_BATCHES = 2


@dataclass(frozen=True)
class Batch:
    """`pixels` (n / processes, h, w, 3) uint8 are this process's share; `tokens` (n, context) and
    `matches` (n texts, n pictures) cover the whole batch. Pairs in `matches` are not negatives."""

    pixels: np.ndarray
    tokens: Tensor
    matches: Tensor


@dataclass(frozen=True)
class Pairs:
    """Training data: `rows` of the pixels, each with its group's number and its texts, and judged
    queries with their hard negatives."""

    pixels: np.ndarray
    rows: np.ndarray
    groups: np.ndarray
    texts: CaptionSampler
    hard_negatives: Sequence[HardNegativeRows] = ()

    def steps(self, batch: int) -> int:
        """Return the number of steps in an epoch."""
        return max(1, len(self.rows) // batch)

    def order(self, epoch: int, seed: int) -> np.ndarray:
        """Return `rows` in the order of `epoch`, always the same one."""
        order = np.random.default_rng([seed, epoch]).permutation(self.rows)
        queries = hard_negatives.of_epoch(self.hard_negatives, epoch, seed)
        return hard_negatives.reorder(order, queries) if queries else order

    def batch(
        self,
        towers: Towers,
        processes: ProcessGroup,
        *,
        size: int,
        seed: int,
        epoch: int,
        step: int,
    ) -> Batch:
        """Return batch `step` of `epoch`."""
        size = min(size, len(self.rows)) // processes.world_size * processes.world_size
        # Sorted rows are read from the disk in one direction.
        rows = np.sort(self.order(epoch, seed)[step * size : (step + 1) * size])
        queries = hard_negatives.of_epoch(self.hard_negatives, epoch, seed)
        tokens = towers.tokens(
            [
                queries[row].query if row in queries else self.texts.caption(row, epoch)
                for row in map(int, rows)
            ]
        )
        groups = torch.from_numpy(self.groups[rows])
        matches = losses.equal_rows(groups[:, None]) | losses.equal_rows(tokens)
        hard_negatives.apply_judgments(matches, rows, queries)
        return Batch(self.pixels[rows[processes.share(len(rows))]], tokens, matches)


def prefetch(make: Callable[[int], Batch], first: int, last: int) -> Iterator[Batch]:
    """Yield `make(first)` to `make(last - 1)`, made by a thread a few batches in advance."""
    with ThreadPoolExecutor(1, "batches") as pool:
        futures = deque(
            pool.submit(make, n) for n in range(first, min(first + PREFETCHED_BATCHES, last))
        )
        for number in range(first + len(futures), last + len(futures)):
            if number < last:
                futures.append(pool.submit(make, number))
            if futures:
                yield futures.popleft().result()
