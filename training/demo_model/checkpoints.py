"""What is kept of a training run between its cycles, so that an ended run can go on."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from training.demo_model import corpus
from training.demo_model import model as model_module

if TYPE_CHECKING:
    from training.demo_model.config import Recipe


@dataclass(frozen=True)
class Cycle:
    """What one cycle did: mean losses, steps, seconds."""

    losses: list[float]
    steps: int
    seconds: float


def key(recipe: Recipe, works: int) -> str:
    """Return a name for runs that may go on from one another: how long they last is left open."""
    decides = {**asdict(recipe), "works": works, "renderer": corpus.renderer_hash()}
    for name in ("cycles", "epochs", "minutes"):
        del decides[name]
    shape = model_module.config(0)["model_cfg"]
    return hashlib.blake2b(repr((decides, shape)).encode(), digest_size=8).hexdigest()


def save(path: Path | None, model: Any, cycles: list[Cycle]) -> None:
    """Write the weights after `cycles` to `path`, whole or not at all."""
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
    kept = torch.load(path, weights_only=True)
    model.load_state_dict(kept["model"])
    return [Cycle(**cycle) for cycle in kept["cycles"]]
