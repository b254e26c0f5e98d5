"""The checkpoint of a training run after each cycle, from which it can be resumed."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from training.demo_model import architecture, corpus

if TYPE_CHECKING:
    from training.demo_model.config import Recipe


@dataclass(frozen=True)
class Cycle:
    """The results of one cycle: mean losses, steps, seconds."""

    losses: list[float]
    steps: int
    seconds: float


def key(recipe: Recipe, works: int) -> str:
    """Return a hash of the settings that runs must share to resume one another.

    The length of a run is not part of it.
    """
    settings = {**asdict(recipe), "works": works, "renderer": corpus.renderer_hash()}
    for name in ("cycles", "epochs", "minutes"):
        del settings[name]
    shape = architecture.config(0)["model_cfg"]
    return hashlib.blake2b(repr((settings, shape)).encode(), digest_size=8).hexdigest()


def save(path: Path | None, model: Any, cycles: list[Cycle]) -> None:
    """Write the weights after `cycles` to `path`, atomically."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save({"model": model.state_dict(), "cycles": [asdict(c) for c in cycles]}, partial)
    os.replace(partial, path)


def load(path: Path | None, model: Any) -> list[Cycle]:
    """Put the weights at `path` into `model`; return the cycles that made them, none if absent."""
    if path is None or not path.exists():
        return []
    checkpoint = torch.load(path, weights_only=True)
    model.load_state_dict(checkpoint["model"])
    return [Cycle(**cycle) for cycle in checkpoint["cycles"]]
