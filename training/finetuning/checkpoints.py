"""What is kept of a run so that a killed one goes on to the same result.

Order of pictures and drawn texts follow from seed, epoch and step, so the position is one number.
The best weights so far are a file of their own: they change once an epoch at most.
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

STATE, BEST = "state.pt", "best.safetensors"


class Kept:
    """The folder of a run, and how often its state is written (`minutes`; 0: after each step)."""

    def __init__(self, folder: Path, run: str, minutes: float = 10.0, *, writes: bool = True):
        self.folder, self.run, self.minutes, self.writes = folder, run, minutes, writes
        self._last = time.monotonic()

    def load(self) -> dict[str, Any] | None:
        """Return the state of a run with the same settings and data, or None."""
        path = self.folder / STATE
        if not path.exists():
            return None
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu", mmap=True)
        return state if state["run"] == self.run else None

    def is_due(self) -> bool:
        """Whether the state should be written by now."""
        return self.writes and time.monotonic() - self._last >= 60 * self.minutes

    def save(self, state: Mapping[str, Any]) -> None:
        """Write `state`, whole or not at all."""
        if not self.writes:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f"{STATE}.partial"
        torch.save({"run": self.run, **state}, partial)
        os.replace(partial, self.folder / STATE)
        self._last = time.monotonic()

    def save_best(self, weights: Mapping[str, Tensor]) -> None:
        """Write the best weights so far."""
        if not self.writes:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f"{BEST}.partial"
        save_file({name: tensor.contiguous() for name, tensor in weights.items()}, partial)
        os.replace(partial, self.folder / BEST)

    def best(self) -> dict[str, Tensor]:
        """Return the best weights."""
        return load_file(self.folder / BEST)

    def clear(self) -> None:
        """Remove what only a resumed run needs."""
        for name in (STATE, BEST):
            (self.folder / name).unlink(missing_ok=True)
