"""A fine-tuned model on disk and in the database, with all that is needed to repeat its run."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from django.db import transaction

from search.embeddings import registry
from search.models import EmbeddingModel
from training.evaluation import metrics, significance
from training.finetuning.progress import peak_memory_mb
from training.finetuning.run import Run, TunedModel

_LIBRARIES = ("torch", "torchvision", "open_clip_torch", "safetensors", "numpy", "pillow")


class NameTakenError(Exception):
    """Another model of this name is in use; the message says what to do."""


def figures(tuned: TunedModel) -> dict[str, Any]:
    """Return full-gallery figures of base and tuned model, text to picture, and the gain with 95 %
    intervals over groups. The validation caption of each test item is one query."""
    values = {name: _values(ranks) for name, ranks in tuned.test_ranks.items()}
    low, high = significance.interval(values["tuned"] - values["base"], tuned.test_groups)
    names = ("R@1", "R@5", "R@10", "MRR")
    return {
        "queries": len(tuned.test_rows),
        "groups": len(set(tuned.test_groups)),
        "gallery": len(tuned.parts),
        **{name: metrics.retrieval(ranks) for name, ranks in tuned.test_ranks.items()},
        "chance": metrics.chance(len(tuned.parts)),
        "gain_ci": {name: [float(low[n]), float(high[n])] for n, name in enumerate(names)},
    }


def _values(ranks: np.ndarray) -> np.ndarray:
    return np.stack([ranks <= 1, ranks <= 5, ranks <= 10, 1 / ranks], axis=1).astype(float)


def run_facts(run: Run, tuned: TunedModel, base: EmbeddingModel, command: str) -> dict[str, Any]:
    """Return the settings and versions needed to repeat the run, and its results."""
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "base": {"name": base.name, "fingerprint": run.base.fingerprint},
        "licence": base.licence,
        "is_synthetic": base.is_synthetic or run.dataset.is_generated,
        "data": {
            "spec": run.dataset.spec,
            "fingerprint": run.dataset.fingerprint,
            "licence": run.dataset.licence,
            "items": len(run.dataset),
            "judged": len(run.dataset.hard_negatives),
            "unreadable": tuned.unreadable,
        },
        "probe": run.probe.spec if run.probe else None,
        "recipe": asdict(run.recipe),
        "figures": figures(tuned),
        "alpha": tuned.chosen.alpha,
        "sweep": [point._asdict() for point in tuned.sweep],
        "seconds": round(tuned.seconds, 1),
        "peak_memory_mb": peak_memory_mb(),
        "processes": run.processes.world_size,
        "precision": "bf16 autocast" if tuned.towers.bf16 else "fp32",
        "machine": f"{tuned.towers.device.type}, {os.cpu_count()} cores, {platform.machine()}, "
        f"{torch.get_num_threads()} threads",
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _LIBRARIES},
        },
    }


def write(folder: Path, tuned: TunedModel, facts: dict[str, Any]) -> None:
    """Write weights, configuration, `facts.json`, `split.json` and `history.jsonl`."""
    tuned.towers.write(folder)
    (folder / "facts.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    (folder / "split.json").write_text(json.dumps(tuned.parts, indent=0) + "\n", "utf-8")
    lines = (json.dumps(entry) + "\n" for entry in tuned.history)
    (folder / "history.jsonl").write_text("".join(lines), "utf-8")


def require_free(name: str) -> None:
    """Raise `NameTakenError` if a model of this name is more than a draft."""
    model = EmbeddingModel.objects.filter(name=name).first()
    if model and model.state != EmbeddingModel.State.DRAFT:
        raise NameTakenError(f"the model {name} is {model.state}: give the new one another --name")


def register(folder: Path, facts: dict[str, Any]) -> EmbeddingModel:
    """Register the checkpoint as a draft with its figures, in place of an earlier draft.

    The base also gets its figures on the same test works, so that `activate` can compare the two.
    """
    EmbeddingModel.objects.filter(name=folder.name, state=EmbeddingModel.State.DRAFT).delete()
    model = registry.register(str(folder))
    model.licence, model.is_synthetic = facts["licence"], facts["is_synthetic"]
    names = ("base", "data", "probe", "figures", "alpha", "sweep", "made")
    model.metrics = {
        **{key: facts[key] for key in names},
        "evaluation": _evaluation(facts, "tuned"),
    }
    model.save(update_fields=["licence", "is_synthetic", "metrics"])
    with transaction.atomic():
        bases = EmbeddingModel.objects.select_for_update().filter(name=facts["base"]["name"])
        for base in bases:  # none if the base was two frozen encoders
            known = base.metrics.get("evaluation", {})
            base.metrics["evaluation"] = {**known, **_evaluation(facts, "base")}
            base.save(update_fields=["metrics"])
    return model


def _evaluation(facts: dict[str, Any], which: str) -> dict[str, Any]:
    """Return the figures in the form that `search.embeddings.model_comparison` compares."""
    figures, data = facts["figures"], facts["data"]
    name = f"test works of {data['spec']}, split {facts['recipe']['seed']}"
    measures = {"mrr": figures[which]["MRR"], "r5": figures[which]["R@5"]}
    return {name: {"queries": figures["queries"], **measures}}
