"""Pictures of earlier batches as additional pictures to rank (Wang et al. 2020, "XBM")."""

from __future__ import annotations

import torch
from torch import Tensor


class CrossBatchMemory:
    """The vectors and attributes of the last `size` pictures."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._vectors: Tensor | None = None
        self._attributes: Tensor | None = None

    def with_batch(self, vectors: Tensor, attributes: Tensor) -> tuple[Tensor, Tensor]:
        """Return `vectors` (n, dim) and `attributes` (n, attributes) with the remembered rows
        below."""
        if self._vectors is None or self._attributes is None:
            return vectors, attributes
        return torch.cat([vectors, self._vectors]), torch.cat([attributes, self._attributes])

    def add(self, vectors: Tensor, attributes: Tensor) -> None:
        """Remember a batch, without its gradient; the oldest rows go."""
        all_vectors, all_attributes = self.with_batch(vectors.detach(), attributes)
        self._vectors, self._attributes = all_vectors[: self.size], all_attributes[: self.size]
