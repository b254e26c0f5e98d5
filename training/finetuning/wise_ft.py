"""WiSE-FT: weights between base and tuned, with which a model gains much and forgets little.

Wortsman et al., "Robust fine-tuning of zero-shot models", 2022.

Forgetting is measured on a probe, which is a sample: among many alphas some look harmless by
chance, and the one with the best validation MRR is likely among them. So a loss counts by its upper
bound, the end of a one-sided 95 % bootstrap interval of the paired differences, text by text. A
small probe therefore allows little loss, as it can prove little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch

from training.evaluation import significance
from training.finetuning.towers import State


class SweepPoint(NamedTuple):
    """One alpha of a sweep: validation MRR, the probe's mean recall, and the upper bound of its
    loss; None without a probe."""

    alpha: float
    mrr: float
    probe: float | None = None
    lost: float | None = None


def interpolate(base: State, tuned: State, alpha: float) -> State:
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
    evaluate: Callable[[State], tuple[float, np.ndarray | None]],
    groups: Sequence[str],
) -> list[SweepPoint]:
    """Evaluate `number` models from base to tuned.

    `evaluate` returns the validation MRR and the recall of each text of the probe, (m,) in
    `groups`.
    """
    points, base_recalls = [], None
    for alpha in map(float, np.linspace(0, 1, number).round(4)):
        mrr, recalls = evaluate(interpolate(base, tuned, alpha))
        if recalls is None:
            points.append(SweepPoint(alpha, mrr))
            continue
        base_recalls = recalls if base_recalls is None else base_recalls
        lost = upper_bound(base_recalls - recalls, groups)
        points.append(SweepPoint(alpha, mrr, float(recalls.mean()), lost))
    return points


def upper_bound(losses: np.ndarray, groups: Sequence[str]) -> float:
    """Return the one-sided 95 % upper bound of the mean of `losses` (m,)."""
    _, high = significance.interval(losses[:, None], groups, coverage=0.9)
    return float(high[0])


def choose(points: Sequence[SweepPoint], probe_loss: float) -> SweepPoint:
    """Return the best by validation MRR among those that lose at most `probe_loss` of the probe.

    The first point, alpha 0, is the base: it loses nothing and may be the best.
    """
    allowed = [point for point in points if point.lost is None or point.lost <= probe_loss]
    return max(allowed, key=lambda point: (point.mrr, -point.alpha))
