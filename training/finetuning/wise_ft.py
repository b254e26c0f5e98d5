"""WiSE-FT: weights between base and tuned, where a model gains much and forgets little.

Wortsman et al., "Robust fine-tuning of zero-shot models", 2022.

What is forgotten is measured on a probe, and a probe is a sample: of many alphas some look harmless
by chance, and the one with the best validation MRR is likely among them. So a loss counts by its
upper bound: the end of a one-sided 95 % bootstrap interval of the paired differences, text by text.
A small probe then allows little, since it can show little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch

from training.evaluation import significance
from training.finetuning.towers import State


class Point(NamedTuple):
    """One alpha of a sweep: validation MRR, the probe's mean recall, and how much of that is lost
    at most; None without a probe."""

    alpha: float
    mrr: float
    probe: float | None = None
    lost: float | None = None


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
    judge: Callable[[State], tuple[float, np.ndarray | None]],
    groups: Sequence[str],
) -> list[Point]:
    """Judge `number` models from base to tuned.

    `judge` gives the validation MRR, and the recall of each text of the probe, (m,) in `groups`.
    """
    points, before = [], None
    for alpha in map(float, np.linspace(0, 1, number).round(4)):
        mrr, recalls = judge(between(base, tuned, alpha))
        if recalls is None:
            points.append(Point(alpha, mrr))
            continue
        before = recalls if before is None else before
        lost = at_most(before - recalls, groups)
        points.append(Point(alpha, mrr, float(recalls.mean()), lost))
    return points


def at_most(losses: np.ndarray, groups: Sequence[str]) -> float:
    """Return the upper bound, one-sided 95 %, of the mean of `losses` (m,)."""
    _, high = significance.interval(losses[:, None], groups, coverage=0.9)
    return float(high[0])


def choose(points: Sequence[Point], probe_loss: float) -> Point:
    """Return the best by validation MRR among those that lose at most `probe_loss` of the probe.

    The first point, alpha 0, is the base: it loses nothing and may win.
    """
    allowed = [point for point in points if point.lost is None or point.lost <= probe_loss]
    return max(allowed, key=lambda point: (point.mrr, -point.alpha))
