"""An evaluation as a folder to keep: index.html with PNG plots, evaluation.json, TREC files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.text import slugify

from training.evaluation import plots, result_strips, trec
from training.evaluation.evaluate import Evaluation
from training.evaluation.results import CHANCE, TO_PICTURE, Part


def write(done: Evaluation, summary: Mapping[str, Any], folder: Path) -> Path:
    """Write all of it into `folder`; return the path of index.html."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    sections = []
    for part, figures in zip(done.parts, summary["sets"], strict=True):
        name = slugify(part.name)
        runs = {row: answer.rankings for row, answer in part.answers.items()}
        asked = part.asked
        trec.write(folder / "trec" / name, asked.queries, asked.relevant, asked.keys, runs)
        plots.recall(part, folder / f"{name}.png")
        sections.append(
            {
                "name": part.name,
                "figures": figures,
                "plot": f"{name}.png",
                "table": table(figures),
                "differences": differences(figures),
                "strips": _strips(done, part, name, folder),
            }
        )
    page = {
        "summary": summary,
        "sections": sections,
        "run_plots": _run_plots(done, folder),
        "probes": _probes(summary["probes"]),
        "licence": done.dataset.licence,
    }
    index = folder / "index.html"
    index.write_text(render_to_string("training/report.html", page), "utf-8")
    return index


def table(figures: Mapping[str, Any]) -> list[list[str]]:
    """Return a set's figures as rows of cells, the heading first."""
    rows: dict[str, dict[str, Any]] = figures["rows"]
    first = next(row for name, row in rows.items() if name != CHANCE)
    names = [name for name in first if first[name] is not None]
    return [["", *names], *([name, *(_cell(row.get(n), n) for n in names)] for name, row in
            rows.items())]  # fmt: skip


def differences(figures: Mapping[str, Any]) -> list[list[str]]:
    """Return the differences to the base as rows of cells, the heading first; empty without."""
    found: dict[str, dict[str, Any]] = figures["differences"]
    if not found:
        return []
    names = [name for name in next(iter(found.values())) if name != "minus"]
    lines = [
        [f"{row} − {each['minus']}", *(_difference(each[name]) for name in names)]  # noqa: RUF001
        for row, each in found.items()
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


def _strips(done: Evaluation, part: Part, name: str, folder: Path) -> list[dict[str, str]]:
    tuned = done.models[0].name
    if part.direction != TO_PICTURE or done.base is None:
        return []
    drawn = []
    for query in result_strips.choose(part, tuned, done.base):
        path = f"{name}-{query + 1}.png"
        result_strips.draw(part, query, (done.base, tuned), done.gallery, folder / path)
        ranks = {row: int(part.answers[row].ranks[query]) for row in (done.base, tuned)}
        said = ", ".join(f"{row}: rank {rank}" for row, rank in ranks.items())
        drawn.append({"query": part.asked.queries[query], "path": path, "ranks": said})
    return drawn


def _run_plots(done: Evaluation, folder: Path) -> list[dict[str, str]]:
    """Plot loss and sweep of the run that made the model, where it left them."""
    drawn = []
    if any("loss" in entry for entry in done.run.history):
        plots.losses(done.run.history, folder / "loss.png")
        drawn.append({"name": "Loss", "path": "loss.png"})
    points: Sequence[Mapping[str, Any]] = done.run.facts.get("sweep", ())
    if points and done.run.alpha is not None:
        plots.sweep(points, done.run.alpha, folder / "alpha.png")
        drawn.append({"name": "WiSE-FT", "path": "alpha.png"})
    return drawn


def _probes(found: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    """Return accuracy on minimal pairs as rows of cells."""
    return [
        [model, source, kind, str(each["pairs"]), _cell(each, "accuracy")]
        for model, by_source in found.items()
        for source, kinds in by_source.items()
        for kind, each in kinds.items()
    ]
