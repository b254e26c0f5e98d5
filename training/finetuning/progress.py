"""What a run says while it goes: lines, a history that is kept, and TensorBoard's scalars."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch

SECONDS = 10.0  # between two lines on steps


class Progress:
    """`history` is one dictionary a step or an epoch; it survives a resumed run."""

    def __init__(self, report: Callable[[str], None], folder: Path | None = None) -> None:
        self.report = report
        self.history: list[dict[str, Any]] = []
        self._board = _board(folder)
        self._said = self._began = time.monotonic()
        self._first = 0

    def begin(self, step: int) -> None:
        """Count rate and time left from here."""
        self._began, self._first = time.monotonic(), step

    def step(
        self, phase: int, step: int, total: int, *, pairs: int, loss: float, rate: float
    ) -> None:
        """Note a step that is done, of `pairs` pairs; say so every few seconds."""
        self.history.append({"phase": phase, "step": step, "loss": loss, "rate": rate})
        self._write(phase, step, {"loss": loss, "learning rate": rate})
        now = time.monotonic()
        if now - self._said < SECONDS and step != total:
            return
        self._said = now
        each = (now - self._began) / max(1, step - self._first)
        left = timedelta(seconds=round(each * (total - step)))
        self.report(
            f"phase {phase}  step {step}/{total}  loss {loss:.4f}  "
            f"{pairs / max(each, 1e-9):.0f} pairs/s  {left} left"
        )

    def note(self, phase: int, step: int, **values: float) -> None:
        """Note what was measured after `step`."""
        self.history.append({"phase": phase, "step": step, **values})
        self._write(phase, step, values)
        shown = "  ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in values.items())
        self.report(f"phase {phase}  step {step}  {shown}")

    def close(self) -> None:
        """Write what is left."""
        if self._board is not None:
            self._board.close()

    def _write(self, phase: int, step: int, values: dict[str, float]) -> None:
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(f"phase {phase}/{name}", value, step)


def _board(folder: Path | None) -> Any:
    if folder is None:
        return None
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - of the extra "train"
    except ImportError:
        return None
    return SummaryWriter(str(folder))


def peak_memory_mb() -> dict[str, int]:
    """Return the most memory that this process has held, in MB: `host`, and `gpu` if it has one."""
    found = {"host": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    if torch.cuda.is_available():
        found["gpu"] = torch.cuda.max_memory_allocated() // 2**20
    return found
