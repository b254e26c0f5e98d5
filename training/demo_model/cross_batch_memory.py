"""Pictures of earlier batches, kept as further pictures to rank (Wang et al. 2020, "XBM")."""

from __future__ import annotations

import torch
from torch import Tensor


class Memory:
    """The vectors of the last `size` pictures and what they show."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._vectors: Tensor | None = None
        self._shows: Tensor | None = None

    def with_batch(self, vectors: Tensor, shows: Tensor) -> tuple[Tensor, Tensor]:
        """Return `vectors` (n, dim) and `shows` (n, attributes) with the remembered rows below."""
        if self._vectors is None or self._shows is None:
            return vectors, shows
        return torch.cat([vectors, self._vectors]), torch.cat([shows, self._shows])

    def add(self, vectors: Tensor, shows: Tensor) -> None:
        """Remember a batch, without its gradient; the oldest rows go."""
        kept, seen = self.with_batch(vectors.detach(), shows)
        self._vectors, self._shows = kept[: self.size], seen[: self.size]
