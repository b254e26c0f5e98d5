"""The processes of a run: one, or those that torchrun starts (gloo on CPUs, NCCL on GPUs).

Each process encodes its share of a batch and receives the vectors of all, so the loss is that of
the whole batch, and the gradients of the shares add up to its gradient. Parameters are not wrapped
in DistributedDataParallel: with gradient caching a step has several backward passes, and one sum
after the last is enough.
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
class ProcessGroup:
    """This process is number `rank` of `world_size`."""

    rank: int = 0
    world_size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this is the process that prints and writes files."""
        return self.rank == 0

    def share(self, number: int) -> slice:
        """Return this process's part of `number` rows, a multiple of `world_size`."""
        size = number // self.world_size
        return slice(self.rank * size, (self.rank + 1) * size)

    def wait(self) -> None:
        """Wait until all processes have called this."""
        if self.world_size > 1:
            distributed.barrier()

    def gather(self, vectors: Tensor) -> Tensor:
        """Return the rows of all processes, equally many each, in order of rank and without
        gradient."""
        if self.world_size == 1:
            return vectors.detach()
        parts = [torch.empty_like(vectors) for _ in range(self.world_size)]
        distributed.all_gather(parts, vectors.detach().contiguous())
        return torch.cat(parts)

    def gather_rows(self, rows: np.ndarray, total: int) -> np.ndarray:
        """Merge the rows of all processes, each of which has every `world_size`-th of `total`
        rows."""
        if self.world_size == 1:
            return rows
        parts: list[Any] = [None] * self.world_size
        distributed.all_gather_object(parts, rows)
        whole = np.empty((total, *rows.shape[1:]), rows.dtype)
        for rank, part in enumerate(parts):
            whole[rank :: self.world_size] = part
        return whole

    def add_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by its sum over all processes."""
        if self.world_size == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        parts = flat.split([gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))


@contextmanager
def joined() -> Iterator[tuple[ProcessGroup, torch.device]]:
    """Join the process group if torchrun started this process; yield it and this process's
    device."""
    local, world_size = (
        int(os.environ.get("LOCAL_RANK", "0")),
        int(os.environ.get("WORLD_SIZE", "1")),
    )
    device = torch.device("cuda", local) if torch.cuda.is_available() else torch.device("cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
        torch.backends.cuda.matmul.allow_tf32 = True
    if world_size == 1:
        yield ProcessGroup(), device
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield ProcessGroup(distributed.get_rank(), world_size), device
    finally:
        distributed.destroy_process_group()
