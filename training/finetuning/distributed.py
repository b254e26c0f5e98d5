"""The processes of a run: one, or those that torchrun starts (gloo on CPUs, NCCL on GPUs).

Each process encodes its share of a batch; all see all vectors, so the loss is that of the whole
batch, and the gradients of the shares add up to its gradient. Parameters are never wrapped: with
gradient caching a step has several backward passes, and one sum after the last is enough.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True)
class Ranks:
    """This process is number `rank` of `world`."""

    rank: int = 0
    world: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process speaks and writes."""
        return self.rank == 0

    def share(self, number: int) -> slice:
        """Return which of `number` rows, a multiple of `world`, are this process's."""
        size = number // self.world
        return slice(self.rank * size, (self.rank + 1) * size)

    def wait(self) -> None:
        """Wait until all are here."""
        if self.world > 1:
            distributed.barrier()

    def gather(self, vectors: Tensor) -> Tensor:
        """Return the equally many rows of all processes, in their order, without gradient."""
        if self.world == 1:
            return vectors.detach()
        parts = [torch.empty_like(vectors) for _ in range(self.world)]
        distributed.all_gather(parts, vectors.detach().contiguous())
        return torch.cat(parts)

    def gather_rows(self, rows: np.ndarray, total: int) -> np.ndarray:
        """Put together what each process has of every `world`-th row."""
        if self.world == 1:
            return rows
        parts: list[Any] = [None] * self.world
        distributed.all_gather_object(parts, rows)
        whole = np.empty((total, *rows.shape[1:]), rows.dtype)
        for rank, part in enumerate(parts):
            whole[rank :: self.world] = part
        return whole

    def add_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by its sum over all processes."""
        if self.world == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        parts = flat.split([gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))


@contextmanager
def joined() -> Iterator[tuple[Ranks, torch.device]]:
    """Join the processes that torchrun started, if it did; yield them and this one's device."""
    local, world = int(os.environ.get("LOCAL_RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    device = torch.device("cuda", local) if torch.cuda.is_available() else torch.device("cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
        torch.backends.cuda.matmul.allow_tf32 = True
    if world == 1:
        yield Ranks(), device
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Ranks(distributed.get_rank(), world), device
    finally:
        distributed.destroy_process_group()
