"""Plots of an evaluation as PNG files, drawn without a display."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from training.evaluation import metrics
from training.evaluation.results import CHANCE, SetResult

MAX_RECALL_DEPTH = 100
# Okabe and Ito's colours, which colour-blind readers can distinguish, too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")


def recall(result: SetResult, path: Path) -> None:
    """Plot recall@k of each row and of chance over k."""
    depths = np.arange(1, min(MAX_RECALL_DEPTH, len(result.query_set.keys)) + 1)
    figure = _figure()
    axes = figure.add_subplot(xlabel="k", ylabel="recall@k", title=result.name, ylim=(0, 1.03))
    for colour, (name, row) in zip(
        _colours(len(result.rankings)), result.rankings.items(), strict=True
    ):
        recalls = [metrics.recall_at(row.ranks, int(k)) for k in depths]
        axes.plot(depths, recalls, color=colour, label=name)
    chance = [metrics.recall_by_chance(list(g.values()), len(result.query_set.keys), len(depths))
                 for g in result.query_set.relevant]  # fmt: skip
    axes.plot(depths, np.mean(chance, axis=0), color="grey", linestyle=":", label=CHANCE)
    axes.legend()
    _write(figure, path)


def losses(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Plot the loss over the steps of each phase, with the validation MRR of each epoch."""
    phases = sorted({entry["phase"] for entry in history if "loss" in entry})
    figure = _figure(width=4.5 * len(phases) + 1)
    for column, phase in enumerate(phases, start=1):
        steps = [entry for entry in history if entry["phase"] == phase]
        axes = figure.add_subplot(
            1, len(phases), column, xlabel="step", ylabel="loss", title=f"phase {phase}"
        )
        _line(axes, steps, "loss", COLOURS[0])
        mrr_axes = axes.twinx()
        mrr_axes.set_ylabel("validation MRR")
        _line(mrr_axes, steps, "validation_MRR", COLOURS[1], marker="o")
    _write(figure, path)


def sweep(points: Sequence[Mapping[str, Any]], chosen: float, path: Path) -> None:
    """Plot a WiSE-FT sweep: validation MRR and the probe's recall by alpha."""
    figure = _figure()
    axes = figure.add_subplot(xlabel="alpha (0: base, 1: tuned)", title="WiSE-FT")
    alphas = [point["alpha"] for point in points]
    axes.plot(alphas, [p["mrr"] for p in points], "o-", color=COLOURS[0], label="validation MRR")
    if all(point.get("probe") is not None for point in points):
        recalls = [point["probe"] for point in points]
        axes.plot(alphas, recalls, "s--", color=COLOURS[1], label="probe, mean recall")
    axes.axvline(chosen, color="grey", linestyle=":", label=f"chosen, {chosen:g}")
    axes.legend()
    _write(figure, path)


def _line(
    axes: Any, entries: Sequence[Mapping[str, Any]], name: str, colour: str, marker: str = ""
) -> None:
    points = [(entry["step"], entry[name]) for entry in entries if name in entry]
    if points:
        steps, values = zip(*points, strict=True)
        axes.plot(steps, values, color=colour, marker=marker, label=name)


def _colours(number: int) -> list[str]:
    return [COLOURS[n % len(COLOURS)] for n in range(number)]


def _figure(width: float = 6.4) -> Figure:
    figure = Figure(figsize=(width, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _write(figure: Figure, path: Path) -> None:
    # Without the software's version, the same figures give the same file.
    figure.savefig(path, dpi=110, metadata={"Software": None})
