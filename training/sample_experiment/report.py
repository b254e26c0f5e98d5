"""The report on a trial of fine-tuning: Markdown and plots, labelled synthetic, and one line."""

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
from training.sample_experiment import world as world_module
from training.sample_experiment.run import MEASURES, Sizes, World

LABEL = "synthetic: generated pictures and texts alone"
CUTS = np.array([1, 2, 5, 10, 20, 50, 100])
STRIPS, SHOWN = 6, 5


@dataclass(frozen=True)
class Result:
    """All that the report tells; `clock` is in seconds."""

    sizes: Sizes
    recipe: Recipe
    world: World
    base: OpenClipEncoder
    tuned: TunedModel
    found: dict[str, Any]
    clock: dict[str, float]


def line(found: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Return the result in one line."""

    def short(values: dict[str, float]) -> dict[str, float]:
        return {"r5": round(values["R@5"], 4), "ndcg10": round(values["nDCG@10"], 4)}

    gain = found["gain"]
    return {
        "base": short(found["scored"]["base"]),
        "tuned": short(found["scored"]["tuned"]),
        "gain_ci": {
            name: [round(end, 4) for end in gain[measure]]
            for name, measure in zip(("r5", "ndcg10"), MEASURES, strict=True)
        },
        "alpha": found["alpha"],
        "probe_drop": round(found["probe_drop"], 4),
        "seconds": round(seconds, 1),
    }


def write(folder: Path, result: Result) -> None:
    """Write `README.md`, `result.json` and the plots to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _losses(folder / "loss.png", result.tuned)
    _recall(folder / "recall.png", result)
    _sweep(folder / "alpha.png", result)
    _strips(folder / "strips.png", result)
    facts = {
        "line": line(result.found, result.clock["all"]),
        "found": result.found,
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
    found, clock = result.found, result.clock
    rows = [
        f"| {name} | {found['scored']['base'][name]:.3f} | {found['scored']['tuned'][name]:.3f} "
        f"| {found['gain'][name][0]:+.3f} to {found['gain'][name][1]:+.3f} "
        f"| {found['chance'][name]:.4f} |"
        for name in MEASURES
    ]
    template = Path(__file__).with_name("report.md").read_text("utf-8")
    return template.format(
        rows="\n".join(rows),
        probe_before=found["probe_base"],
        probe_after=found["probe_base"] - found["probe_drop"],
        styles=", ".join(sorted(world_module.NEW_STYLES)),
        subjects=", ".join(sorted(world_module.NEW_SUBJECTS)),
        render=clock["rendering"],
        base_seconds=clock["base"],
        tune=result.tuned.seconds,
        all=clock["all"],
        memory=facts["peak_memory_mb"]["host"],
        threads=facts["threads"],
        cores=facts["cores"],
        probe_loss=result.recipe.probe_loss,
        **found,
        **asdict(result.sizes),
        recipe=", ".join(f"{k} {v}" for k, v in asdict(result.recipe).items()),
    )


def _figure(title: str, wide: float = 7, high: float = 4) -> Any:
    figure, axes = plt.subplots(figsize=(wide, high), layout="constrained")
    axes.set_title(f"{title}\n({LABEL})", fontsize=10)
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
    gallery = len(result.world.collection.scenes)
    scenes = [result.world.collection.scenes[row] for row in result.tuned.test_rows]
    pixels = result.world.collection.pixels
    judge = RetrievalTask(pixels, world_module.queries(scenes), result.tuned.test_rows)
    for name, towers in _models(result).items():
        ranked = judge.ranks(towers, ProcessGroup())
        axes.plot(CUTS, [(ranked <= k).mean() for k in CUTS], "o-", label=name)
    axes.plot(CUTS, CUTS / gallery, "--", color="gray", label="chance")
    axes.set(xscale="log", xlabel="k", ylabel="recall@k", ylim=(0, 1))
    axes.set_xticks(CUTS, map(str, CUTS))
    axes.legend()
    _save(figure, path)


def _sweep(path: Path, result: Result) -> None:
    figure, axes = _figure("WiSE-FT: weights from base (0) to tuned (1)")
    sweep = result.tuned.sweep
    alphas = [point.alpha for point in sweep]
    axes.plot(alphas, [p.mrr for p in sweep], "o-", label="validation MRR")
    before = sweep[0].probe or 0
    kept = np.array([p.probe or 0 for p in sweep])
    least_kept = np.array([before - (p.lost or 0) for p in sweep])
    axes.errorbar(
        alphas,
        kept,
        yerr=[kept - least_kept, np.zeros(len(sweep))],
        fmt="s-",
        capsize=3,
        label="probe that chooses: mean recall, and how low it may be",
    )
    least = before - result.recipe.probe_loss
    axes.axhline(least, color="gray", linestyle="--", label="the least that the probe may have")
    axes.axvline(result.tuned.chosen.alpha, color="black", alpha=0.4, label="chosen")
    axes.set(xlabel="alpha")
    axes.legend(fontsize=8)
    _save(figure, path)


def _strips(path: Path, result: Result) -> None:
    """Show what both models find for short queries on test works drawn by chance."""
    rows = random.Random(0).sample(list(result.tuned.test_rows), STRIPS)
    collection = result.world.collection
    asked = [texts.short_query(collection.scenes[r], random.Random(f"strip {r}")) for r in rows]
    judge = RetrievalTask(collection.pixels, [text.words for text in asked], np.array(rows))
    figure, grid = plt.subplots(
        STRIPS, 2 * SHOWN, figsize=(2 * SHOWN * 1.1, STRIPS * 1.35), layout="constrained"
    )
    for column, towers in enumerate(_models(result).values()):
        images, written = judge.vectors(towers, ProcessGroup())
        best = np.argsort(-(written @ images.T), axis=1)[:, :SHOWN]
        for line_, text in enumerate(asked):
            for place, work in enumerate(best[line_]):
                axes = grid[line_, column * SHOWN + place]
                axes.imshow(collection.pixels[work])
                fits = text.says <= texts.shown(collection.scenes[work])
                axes.patch.set_visible(False)
                for spine in axes.spines.values():
                    spine.set(color="tab:green" if fits else "lightgray", linewidth=3)
                axes.set(xticks=[], yticks=[])
    for line_, text in enumerate(asked):
        title = grid[line_, 0].set_title(text.words, fontsize=8, loc="left")
        title.set_in_layout(False)  # it is wider than its picture
    figure.suptitle(
        f"The first five by the base (left) and the tuned model (right); green: shows all that "
        f"is asked\n({LABEL})",
        fontsize=9,
    )
    _save(figure, path)


def _models(result: Result) -> dict[str, Towers]:
    return {"base": Towers.of(result.base, torch.device("cpu")), "tuned": result.tuned.towers}
