"""The files beside the demo model's weights: its facts and the model card."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import resource
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from training.demo_model import corpus, evaluate
from training.demo_model.config import Recipe
from training.demo_model.corpus import Corpus
from training.demo_model.train import TrainedModel

_LIBRARIES = ("torch", "torchvision", "open_clip_torch", "safetensors", "numpy", "pillow")


def describe(
    folder: Path, recipe: Recipe, trained: TrainedModel, gallery: Corpus, rendering_seconds: float
) -> dict[str, Any]:
    """Evaluate the checkpoint in `folder`, loaded as search does; write facts and card."""
    encoder = evaluate.load(folder)
    facts: dict[str, Any] = {
        "name": "demo-synthetic",
        "licence": "MIT",
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": _command(recipe, trained, gallery),
        "recipe": asdict(recipe),
        "renderer": corpus.renderer_hash(),
        "fingerprint": encoder.fingerprint,
        "dimension": encoder.dim,
        "parameters": sum(p.numel() for p in trained.model.parameters()),
        "vocabulary": len(trained.tokenizer.words),
        "weights_bytes": sum(f.stat().st_size for f in folder.glob("*.safetensors")),
        "training_works": trained.works,
        "pictures_seen": trained.pictures,
        "steps": trained.steps,
        "loss": [round(value, 3) for value in trained.losses],
        "seconds": {
            "rendering": round(rendering_seconds, 1),
            "training": round(trained.seconds, 1),
        },
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "threads": torch.get_num_threads(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _LIBRARIES},
        },
        "figures": evaluate.evaluate(encoder, gallery),
    }
    (folder / "facts.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    (folder / "MODEL_CARD.md").write_text(_card(facts), "utf-8")
    return facts


def _command(recipe: Recipe, trained: TrainedModel, gallery: Corpus) -> str:
    return (
        f"python manage.py train_demo --scenes {trained.works} --cycles {recipe.cycles} "
        f"--epochs {recipe.epochs} "
        f"--minutes {recipe.minutes:g} --batch {recipe.batch} --seed {recipe.seed} "
        f"--gallery {len(gallery.scenes)}"
    )


def summary(facts: dict[str, Any]) -> str:
    """Return the figures and one line on the run."""
    seconds = facts["seconds"]
    return (
        f"{table(facts['figures'])}\n"
        f"demo-synthetic {facts['fingerprint']}: {facts['parameters'] / 1e6:.1f} M parameters, "
        f"{facts['weights_bytes'] / 1e6:.1f} MB, {facts['pictures_seen']} pictures seen in "
        f"{seconds['training']:.0f} s, rendering {seconds['rendering']:.0f} s"
    )


def table(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown tables, for the terminal and the card."""
    lines = [
        "| unseen works | direction | R@1 | R@5 | R@10 | MRR | median rank |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for part in figures["retrieval"]:
        rows = {
            "text to picture": part["text_to_image"],
            f"the same, {part['unseen_pairs']} works with an unseen pair": part[
                "text_to_image_unseen_pairs"
            ],
            "picture to text": part["image_to_text"],
            "chance": part["chance"],
        }
        for name, row in rows.items():
            values = " | ".join(f"{row[key]:.3f}" for key in ("R@1", "R@5", "R@10", "MRR"))
            lines.append(f"| {part['gallery']} | {name} | {values} | {row['median_rank']:g} |")
    lines += ["", *_query_table(figures)]
    return "\n".join(lines)


def _query_table(figures: dict[str, Any]) -> list[str]:
    lines = [
        "| queries | unseen works | P@5 | chance | best possible |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in ("visitors", "dev"):
        q = figures[name]
        lines.append(
            f"| {q['queries']} {name} | {q['gallery']} | {q['P@5']:.3f} | {q['chance']:.3f} "
            f"| {q['ceiling']:.3f} |"
        )
    lines += [
        "",
        "| requested by the visitors' queries | times | precision at 5 | chance |",
        "| --- | --- | --- | --- |",
    ]
    for kind, row in figures["visitors"]["by_kind"].items():
        lines.append(f"| {kind} | {row['wanted']} | {row['precision']:.3f} | {row['chance']:.3f} |")
    unknown = ", ".join(figures["visitors"]["unknown_words"]) or "none"
    lines += ["", f"Words of these queries that the model does not know: {unknown}."]
    lines.append(f"Evaluated in {figures['seconds']:.0f} s.")
    return lines


def _card(facts: dict[str, Any]) -> str:
    template = Path(__file__).with_name("model_card.md").read_text("utf-8")
    shared = facts["figures"]["retrieval"][0]
    return template.format(
        **{**facts, "parameters": f"{facts['parameters'] / 1e6:.1f} million"},
        megabytes=f"{facts['weights_bytes'] / 1e6:.1f}",
        minutes=f"{facts['seconds']['training'] / 60:.1f}",
        table=table(facts["figures"]),
        gallery=shared["gallery"],
        shared=shared["works_that_share_their_caption"],
    )
