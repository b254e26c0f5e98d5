"""WiSE-FT: weights between base and tuned, where a model gains much and forgets little.

Wortsman et al., "Robust fine-tuning of zero-shot models", 2022.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from training.tuning.towers import State


class Point(NamedTuple):
    """One alpha of a sweep: validation MRR, and what the probe measures (None without a probe)."""

    alpha: float
    mrr: float
    probe: float | None


def between(base: State, tuned: State, alpha: float) -> State:
    """Return (1 - alpha) * base + alpha * tuned; the ends are exact."""
    if alpha in (0.0, 1.0):
        return tuned if alpha else base
    return {
        name: torch.lerp(weight, tuned[name], alpha) if weight.is_floating_point() else tuned[name]
        for name, weight in base.items()
    }


def sweep(
    base: State,
    tuned: State,
    number: int,
    judge: Callable[[State], tuple[float, float | None]],
) -> list[Point]:
    """Judge `number` models from base to tuned."""
    return [
        Point(float(alpha), *judge(between(base, tuned, float(alpha))))
        for alpha in np.linspace(0, 1, number).round(4)
    ]


def choose(points: list[Point], probe_loss: float) -> Point:
    """Return the best by validation MRR among those that lose at most `probe_loss` of the probe.

    The first point, alpha 0, is the base: it loses nothing and may win.
    """
    before = points[0].probe
    allowed = [
        point
        for point in points
        if before is None or (point.probe is not None and before - point.probe <= probe_loss)
    ]
    return max(allowed, key=lambda point: (point.mrr, -point.alpha))
