"""Retrieval of pictures by their texts, by which a run stops and its weights are chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.evaluation import metrics
from training.finetuning.distributed import ProcessGroup
from training.finetuning.towers import Towers

_ENCODING_BATCH = 256
_SCORING_BATCH = 512  # texts: all scores over a large gallery would not fit in memory


@dataclass(frozen=True)
class RetrievalTask:
    """Find the rows `targets` (m) of the gallery `pixels` by `texts` (m)."""

    pixels: np.ndarray
    texts: Sequence[str]
    targets: np.ndarray

    def vectors(self, towers: Towers, processes: ProcessGroup) -> tuple[np.ndarray, np.ndarray]:
        """Encode the gallery (n, dim) and the texts (m, dim), divided among the processes."""
        towers.model.eval()
        tokens = towers.tokens(self.texts)
        images = _encode(
            processes,
            len(self.pixels),
            lambda rows: towers.images(towers.pictures(self.pixels[rows])),
        )
        texts = _encode(
            processes, len(tokens), lambda rows: towers.texts(tokens[torch.from_numpy(rows)])
        )
        return images, texts

    def ranks(self, towers: Towers, processes: ProcessGroup) -> np.ndarray:
        """Return the rank of each text's own picture, from 1: (m,)."""
        return target_ranks(*self.vectors(towers, processes), self.targets)

    def mrr(self, towers: Towers, processes: ProcessGroup) -> float:
        """Return the mean reciprocal rank."""
        return float((1 / self.ranks(towers, processes)).mean())

    def recalls(self, towers: Towers, processes: ProcessGroup) -> np.ndarray:
        """Return the mean recall at 1, 5 and 10 in both directions for each text: (m,).

        Each picture has only one text.
        """
        images, texts = self.vectors(towers, processes)
        to_image = target_ranks(images, texts, self.targets)
        to_text = target_ranks(texts, images[self.targets], np.arange(len(texts)))
        return np.mean(
            [r <= k for r in (to_image, to_text) for k in (1, 5, 10)], axis=0, dtype=float
        )


def target_ranks(images: np.ndarray, texts: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the rank of each text's picture, from 1: (m,)."""
    parts = [
        metrics.ranks(texts[n : n + _SCORING_BATCH] @ images.T, targets[n : n + _SCORING_BATCH])
        for n in range(0, len(texts), _SCORING_BATCH)
    ]
    return np.concatenate(parts)


@torch.inference_mode()
def _encode(
    processes: ProcessGroup, total: int, encode: Callable[[np.ndarray], Tensor]
) -> np.ndarray:
    rows = np.arange(processes.rank, total, processes.world_size)
    parts = [
        encode(rows[n : n + _ENCODING_BATCH]).cpu().numpy()
        for n in range(0, len(rows), _ENCODING_BATCH)
    ]
    return processes.gather_rows(np.concatenate(parts), total)
