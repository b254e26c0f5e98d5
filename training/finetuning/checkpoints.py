"""Checkpoints of a run, from which a killed run resumes and ends with the same result.

The order of pictures and the drawn texts follow from seed, epoch and step, so the position is one
number. The best weights so far have a file of their own: they change once an epoch at most.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

STATE_FILE, BEST_FILE = "state.pt", "best.safetensors"


class CheckpointStore:
    """The state of `run` in `folder`, written every `minutes` (0: after each step).

    Without `writes`, as in all processes but the first, nothing is written.
    """

    def __init__(self, folder: Path, run: str, minutes: float = 10.0, *, writes: bool = True):
        self.folder, self.run, self.minutes, self.writes = folder, run, minutes, writes
        self._last = time.monotonic()

    def load(self) -> dict[str, Any] | None:
        """Return the state, or None if there is none with the same settings and data."""
        path = self.folder / STATE_FILE
        if not path.exists():
            return None
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu", mmap=True)
        return state if state["run"] == self.run else None

    def is_due(self) -> bool:
        """Return whether the state should be written now."""
        return self.writes and time.monotonic() - self._last >= 60 * self.minutes

    def save(self, state: Mapping[str, Any]) -> None:
        """Write `state` atomically."""
        if not self.writes:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f"{STATE_FILE}.partial"
        torch.save({"run": self.run, **state}, partial)
        os.replace(partial, self.folder / STATE_FILE)
        self._last = time.monotonic()

    def save_best(self, weights: Mapping[str, Tensor]) -> None:
        """Write the best weights so far."""
        if not self.writes:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f"{BEST_FILE}.partial"
        save_file({name: tensor.contiguous() for name, tensor in weights.items()}, partial)
        os.replace(partial, self.folder / BEST_FILE)

    def best(self) -> dict[str, Tensor]:
        """Return the best weights."""
        return load_file(self.folder / BEST_FILE)

    def clear(self) -> None:
        """Remove the state, which only a resumed run needs."""
        for name in (STATE_FILE, BEST_FILE):
            (self.folder / name).unlink(missing_ok=True)
