"""An evaluation as a folder to keep: index.html with PNG plots, evaluation.json, TREC files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.text import slugify

from training.evaluation import plots, result_images, trec
from training.evaluation.evaluate import Evaluation
from training.evaluation.results import CHANCE, TO_PICTURE, SetResult


def write(evaluation: Evaluation, summary: Mapping[str, Any], folder: Path) -> Path:
    """Write the report into `folder`; return the path of index.html."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    sections = []
    for result, figures in zip(evaluation.results, summary["sets"], strict=True):
        name = slugify(result.name)
        runs = {row: rankings.rankings for row, rankings in result.rankings.items()}
        query_set = result.query_set
        trec.write(
            folder / "trec" / name, query_set.queries, query_set.relevant, query_set.keys, runs
        )
        plots.recall(result, folder / f"{name}.png")
        sections.append(
            {
                "name": result.name,
                "figures": figures,
                "plot": f"{name}.png",
                "table": table(figures),
                "differences": differences(figures),
                "examples": _examples(evaluation, result, name, folder),
            }
        )
    page = {
        "summary": summary,
        "sections": sections,
        "run_plots": _run_plots(evaluation, folder),
        "probes": _probes(summary["probes"]),
        "licence": evaluation.dataset.licence,
    }
    index = folder / "index.html"
    index.write_text(render_to_string("training/report.html", page), "utf-8")
    return index


def table(figures: Mapping[str, Any]) -> list[list[str]]:
    """Return the figures of a set as rows of cells, the heading first."""
    rows: dict[str, dict[str, Any]] = figures["rows"]
    first = next(row for name, row in rows.items() if name != CHANCE)
    names = [name for name in first if first[name] is not None]
    return [["", *names], *([name, *(_cell(row.get(n), n) for n in names)] for name, row in
            rows.items())]  # fmt: skip


def differences(figures: Mapping[str, Any]) -> list[list[str]]:
    """Return the differences to the base as rows of cells, the heading first; empty without a
    base."""
    differences: dict[str, dict[str, Any]] = figures["differences"]
    if not differences:
        return []
    names = [name for name in next(iter(differences.values())) if name != "minus"]
    lines = [
        [f"{row} − {each['minus']}", *(_difference(each[name]) for name in names)]  # noqa: RUF001
        for row, each in differences.items()
    ]
    return [["", *names], *lines]


def _cell(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return f"{value['mean']:.3f} ({value['low']:.3f} to {value['high']:.3f})"
    return f"{value:g}" if name == "median_rank" else f"{value:.3f}"


def _difference(value: Mapping[str, float]) -> str:
    return f"{value['mean']:+.3f} ({value['low']:+.3f} to {value['high']:+.3f}), p {value['p']:.4f}"


def _examples(
    evaluation: Evaluation, result: SetResult, name: str, folder: Path
) -> list[dict[str, str]]:
    tuned = evaluation.models[0].name
    if result.direction != TO_PICTURE or evaluation.base is None:
        return []
    drawn = []
    for query in result_images.choose(result, tuned, evaluation.base):
        path = f"{name}-{query + 1}.png"
        result_images.draw(
            result, query, (evaluation.base, tuned), evaluation.gallery, folder / path
        )
        ranks = {row: int(result.rankings[row].ranks[query]) for row in (evaluation.base, tuned)}
        text = ", ".join(f"{row}: rank {rank}" for row, rank in ranks.items())
        drawn.append({"query": result.query_set.queries[query], "path": path, "ranks": text})
    return drawn


def _run_plots(evaluation: Evaluation, folder: Path) -> list[dict[str, str]]:
    """Plot the loss and the sweep of the run that made the model, if it left them."""
    drawn = []
    if any("loss" in entry for entry in evaluation.run.history):
        plots.losses(evaluation.run.history, folder / "loss.png")
        drawn.append({"name": "Loss", "path": "loss.png"})
    points: Sequence[Mapping[str, Any]] = evaluation.run.facts.get("sweep", ())
    if points and evaluation.run.alpha is not None:
        plots.sweep(points, evaluation.run.alpha, folder / "alpha.png")
        drawn.append({"name": "WiSE-FT", "path": "alpha.png"})
    return drawn


def _probes(probes: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    """Return accuracy on minimal pairs as rows of cells."""
    return [
        [model, source, kind, str(each["pairs"]), _cell(each, "accuracy")]
        for model, by_source in probes.items()
        for source, kinds in by_source.items()
        for kind, each in kinds.items()
    ]
