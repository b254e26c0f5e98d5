"""The progress of a run: printed lines, its history, and TensorBoard's scalars."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch

REPORT_INTERVAL_SECONDS = 10.0  # between two lines on steps


class Progress:
    """`history` has one dictionary for each step and epoch; checkpoints include it."""

    def __init__(self, report: Callable[[str], None], folder: Path | None = None) -> None:
        self.report = report
        self.history: list[dict[str, Any]] = []
        self._board = _board(folder)
        self._reported = self._began = time.monotonic()
        self._first = 0

    def begin(self, step: int) -> None:
        """Start measuring the speed after `step`."""
        self._began, self._first = time.monotonic(), step

    def step(
        self, phase: int, step: int, total: int, *, pairs: int, loss: float, rate: float
    ) -> None:
        """Record a finished step of `pairs` pairs; report every few seconds."""
        self.history.append({"phase": phase, "step": step, "loss": loss, "rate": rate})
        self._write(phase, step, {"loss": loss, "learning rate": rate})
        now = time.monotonic()
        if now - self._reported < REPORT_INTERVAL_SECONDS and step != total:
            return
        self._reported = now
        seconds_a_step = (now - self._began) / max(1, step - self._first)
        left = timedelta(seconds=round(seconds_a_step * (total - step)))
        self.report(
            f"phase {phase}  step {step}/{total}  loss {loss:.4f}  "
            f"{pairs / max(seconds_a_step, 1e-9):.0f} pairs/s  {left} left"
        )

    def note(self, phase: int, step: int, **values: float) -> None:
        """Record and report what was measured after `step`."""
        self.history.append({"phase": phase, "step": step, **values})
        self._write(phase, step, values)
        shown = "  ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in values.items())
        self.report(f"phase {phase}  step {step}  {shown}")

    def close(self) -> None:
        """Close TensorBoard's file."""
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
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - the extra "train"
    except ImportError:
        return None
    return SummaryWriter(str(folder))


def peak_memory_mb() -> dict[str, int]:
    """Return the peak memory of this process in MB: `host`, and `gpu` if there is one."""
    peaks = {"host": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    if torch.cuda.is_available():
        peaks["gpu"] = torch.cuda.max_memory_allocated() // 2**20
    return peaks
