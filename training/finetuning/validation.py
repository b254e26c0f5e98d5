"""How well a model finds the pictures of texts among all: what runs are stopped and chosen by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.evaluation import metrics
from training.finetuning.distributed import Ranks
from training.finetuning.towers import Towers

_BATCH = 256
_QUERIES = 512  # at a time: scores over a large gallery would not fit


@dataclass(frozen=True)
class Judge:
    """`texts` (m) ask for the rows `targets` (m) of a whole gallery of `pixels`."""

    pixels: np.ndarray
    texts: Sequence[str]
    targets: np.ndarray

    def vectors(self, towers: Towers, ranks: Ranks) -> tuple[np.ndarray, np.ndarray]:
        """Encode gallery (n, dim) and texts (m, dim), shared out among the processes."""
        towers.model.eval()
        tokens = towers.tokens(self.texts)
        images = _encode(
            ranks, len(self.pixels), lambda rows: towers.images(towers.pictures(self.pixels[rows]))
        )
        texts = _encode(
            ranks, len(tokens), lambda rows: towers.texts(tokens[torch.from_numpy(rows)])
        )
        return images, texts

    def ranks(self, towers: Towers, ranks: Ranks) -> np.ndarray:
        """Return the rank of each text's own picture, from 1: (m,)."""
        return ranked(*self.vectors(towers, ranks), self.targets)

    def mrr(self, towers: Towers, ranks: Ranks) -> float:
        """Return the mean reciprocal rank."""
        return float((1 / self.ranks(towers, ranks)).mean())

    def recalls(self, towers: Towers, ranks: Ranks) -> np.ndarray:
        """Return for each text, the only one of its picture, the mean of recall at 1, 5 and 10 in
        both directions: (m,)."""
        images, texts = self.vectors(towers, ranks)
        there = ranked(images, texts, self.targets)
        back = ranked(texts, images[self.targets], np.arange(len(texts)))
        return np.mean([r <= k for r in (there, back) for k in (1, 5, 10)], axis=0, dtype=float)


def ranked(images: np.ndarray, texts: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the rank of each text's picture, some texts at a time."""
    parts = [
        metrics.ranks(texts[n : n + _QUERIES] @ images.T, targets[n : n + _QUERIES])
        for n in range(0, len(texts), _QUERIES)
    ]
    return np.concatenate(parts)


@torch.inference_mode()
def _encode(ranks: Ranks, total: int, encode: Callable[[np.ndarray], Tensor]) -> np.ndarray:
    mine = np.arange(ranks.rank, total, ranks.world)
    parts = [encode(mine[n : n + _BATCH]).cpu().numpy() for n in range(0, len(mine), _BATCH)]
    return ranks.gather_rows(np.concatenate(parts), total)
