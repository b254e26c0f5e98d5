"""The report on the experiment: Markdown and plots, labelled as synthetic, and one line of JSON."""

from __future__ import annotations

import json
import os
import random
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import torch

mpl.use("Agg")
from matplotlib import pyplot as plt

from search.encoders.open_clip_encoder import OpenClipEncoder
from training.demo_model import texts
from training.finetuning.config import Recipe
from training.finetuning.distributed import ProcessGroup
from training.finetuning.progress import peak_memory_mb
from training.finetuning.run import TunedModel
from training.finetuning.towers import Towers
from training.finetuning.validation import RetrievalTask
from training.sample_experiment import scenes
from training.sample_experiment.run import MEASURES, Corpora, Sizes

SYNTHETIC_LABEL = "synthetic: generated pictures and texts alone"
RECALL_CUTS = np.array([1, 2, 5, 10, 20, 50, 100])
EXAMPLE_QUERIES, SHOWN_WORKS = 6, 5


@dataclass(frozen=True)
class Result:
    """The contents of the report; `clock` is in seconds."""

    sizes: Sizes
    recipe: Recipe
    corpora: Corpora
    base: OpenClipEncoder
    tuned: TunedModel
    figures: dict[str, Any]
    clock: dict[str, float]


def line(figures: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Return the result in one line."""

    def short(values: dict[str, float]) -> dict[str, float]:
        return {"r5": round(values["R@5"], 4), "ndcg10": round(values["nDCG@10"], 4)}

    gain = figures["gain"]
    return {
        "base": short(figures["scored"]["base"]),
        "tuned": short(figures["scored"]["tuned"]),
        "gain_ci": {
            name: [round(end, 4) for end in gain[measure]]
            for name, measure in zip(("r5", "ndcg10"), MEASURES, strict=True)
        },
        "alpha": figures["alpha"],
        "probe_drop": round(figures["probe_drop"], 4),
        "seconds": round(seconds, 1),
    }


def write(folder: Path, result: Result) -> None:
    """Write `README.md`, `result.json` and the plots to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _losses(folder / "loss.png", result.tuned)
    _recall(folder / "recall.png", result)
    _sweep(folder / "alpha.png", result)
    _examples(folder / "examples.png", result)
    facts = {
        "line": line(result.figures, result.clock["all"]),
        "found": result.figures,
        "sizes": asdict(result.sizes),
        "recipe": asdict(result.recipe),
        "sweep": [point._asdict() for point in result.tuned.sweep],
        "seconds": {name: round(value, 1) for name, value in result.clock.items()},
        "peak_memory_mb": peak_memory_mb(),
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
    }
    (folder / "result.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    (folder / "README.md").write_text(_text(result, facts), "utf-8")


def _text(result: Result, facts: dict[str, Any]) -> str:
    figures, clock = result.figures, result.clock
    base, tuned = (figures["scored"][model] for model in ("base", "tuned"))
    rows = [
        f"| {name} | {base[name]:.3f} | {tuned[name]:.3f} "
        f"| {figures['gain'][name][0]:+.3f} to {figures['gain'][name][1]:+.3f} "
        f"| {figures['chance'][name]:.4f} |"
        for name in MEASURES
    ]
    template = Path(__file__).with_name("report.md").read_text("utf-8")
    return template.format(
        rows="\n".join(rows),
        probe_before=figures["probe_base"],
        probe_after=figures["probe_base"] - figures["probe_drop"],
        styles=", ".join(sorted(scenes.NEW_STYLES)),
        subjects=", ".join(sorted(scenes.NEW_SUBJECTS)),
        render=clock["rendering"],
        base_seconds=clock["base"],
        tune=result.tuned.seconds,
        all=clock["all"],
        memory=facts["peak_memory_mb"]["host"],
        threads=facts["threads"],
        cores=facts["cores"],
        probe_loss=result.recipe.probe_loss,
        **figures,
        **asdict(result.sizes),
        recipe=", ".join(f"{k} {v}" for k, v in asdict(result.recipe).items()),
    )


def _figure(title: str, wide: float = 7, high: float = 4) -> Any:
    figure, axes = plt.subplots(figsize=(wide, high), layout="constrained")
    axes.set_title(f"{title}\n({SYNTHETIC_LABEL})", fontsize=10)
    axes.grid(visible=True, alpha=0.3)
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _losses(path: Path, tuned: TunedModel) -> None:
    figure, axes = _figure("Training loss, and validation MRR over the whole gallery")
    other, start = axes.twinx(), 0
    for phase, colour in ((1, "tab:blue"), (2, "tab:orange")):
        steps = [entry for entry in tuned.history if entry["phase"] == phase]
        loss = [(start + e["step"], e["loss"]) for e in steps if "loss" in e]
        mrr = [(start + e["step"], e["validation_MRR"]) for e in steps if "validation_MRR" in e]
        axes.plot(*zip(*loss, strict=True), color=colour, alpha=0.5, label=f"loss, phase {phase}")
        other.plot(*zip(*mrr, strict=True), "o-", color=colour, label=f"MRR, phase {phase}")
        start = loss[-1][0]
    axes.set(xlabel="step", ylabel="loss")
    other.set_ylabel("validation MRR")
    figure.legend(loc="outside lower center", ncols=4, fontsize=8)
    _save(figure, path)


def _recall(path: Path, result: Result) -> None:
    figure, axes = _figure("Recall@k of held-out works' alt texts in the whole collection")
    gallery = len(result.corpora.collection.scenes)
    test_scenes = [result.corpora.collection.scenes[row] for row in result.tuned.test_rows]
    pixels = result.corpora.collection.pixels
    task = RetrievalTask(pixels, scenes.alt_texts(test_scenes), result.tuned.test_rows)
    for name, towers in _models(result).items():
        ranks = task.ranks(towers, ProcessGroup())
        axes.plot(RECALL_CUTS, [(ranks <= k).mean() for k in RECALL_CUTS], "o-", label=name)
    axes.plot(RECALL_CUTS, RECALL_CUTS / gallery, "--", color="gray", label="chance")
    axes.set(xscale="log", xlabel="k", ylabel="recall@k", ylim=(0, 1))
    axes.set_xticks(RECALL_CUTS, map(str, RECALL_CUTS))
    axes.legend()
    _save(figure, path)


def _sweep(path: Path, result: Result) -> None:
    figure, axes = _figure("WiSE-FT: weights from base (0) to tuned (1)")
    sweep = result.tuned.sweep
    alphas = [point.alpha for point in sweep]
    axes.plot(alphas, [p.mrr for p in sweep], "o-", label="validation MRR")
    before = sweep[0].probe or 0
    recalls = np.array([p.probe or 0 for p in sweep])
    lower_bounds = np.array([before - (p.lost or 0) for p in sweep])
    axes.errorbar(
        alphas,
        recalls,
        yerr=[recalls - lower_bounds, np.zeros(len(sweep))],
        fmt="s-",
        capsize=3,
        label="probe for choosing alpha: mean recall and its lower bound",
    )
    floor = before - result.recipe.probe_loss
    axes.axhline(floor, color="gray", linestyle="--", label="lowest recall allowed on the probe")
    axes.axvline(result.tuned.chosen.alpha, color="black", alpha=0.4, label="chosen")
    axes.set(xlabel="alpha")
    axes.legend(fontsize=8)
    _save(figure, path)


def _examples(path: Path, result: Result) -> None:
    """Show the first works of both models for short queries about random test works."""
    rows = random.Random(0).sample(list(result.tuned.test_rows), EXAMPLE_QUERIES)
    collection = result.corpora.collection
    queries = [texts.short_query(collection.scenes[r], random.Random(f"strip {r}")) for r in rows]
    task = RetrievalTask(collection.pixels, [text.words for text in queries], np.array(rows))
    figure, grid = plt.subplots(
        EXAMPLE_QUERIES,
        2 * SHOWN_WORKS,
        figsize=(2 * SHOWN_WORKS * 1.1, EXAMPLE_QUERIES * 1.35),
        layout="constrained",
    )
    for column, towers in enumerate(_models(result).values()):
        images, vectors = task.vectors(towers, ProcessGroup())
        best = np.argsort(-(vectors @ images.T), axis=1)[:, :SHOWN_WORKS]
        for row, text in enumerate(queries):
            for place, work in enumerate(best[row]):
                axes = grid[row, column * SHOWN_WORKS + place]
                axes.imshow(collection.pixels[work])
                is_match = text.attributes <= texts.scene_attributes(collection.scenes[work])
                axes.patch.set_visible(False)
                for spine in axes.spines.values():
                    spine.set(color="tab:green" if is_match else "lightgray", linewidth=3)
                axes.set(xticks=[], yticks=[])
    for row, text in enumerate(queries):
        title = grid[row, 0].set_title(text.words, fontsize=8, loc="left")
        title.set_in_layout(False)  # it is wider than its picture
    figure.suptitle(
        f"The first five works by the base (left) and the tuned model (right); green: shows all "
        f"that the query asks for\n({SYNTHETIC_LABEL})",
        fontsize=9,
    )
    _save(figure, path)


def _models(result: Result) -> dict[str, Towers]:
    return {"base": Towers.of(result.base, torch.device("cpu")), "tuned": result.tuned.towers}
