"""A fine-tuned model on disk and in the database: everything that a run needs to be repeated."""

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
from training.finetuning.run import Run, Tuned

_LIBRARIES = ("torch", "torchvision", "open_clip_torch", "safetensors", "numpy", "pillow")


class NameTaken(Exception):  # noqa: N818 - reads as what it is
    """Another model of this name is in use; the message says the mend."""


def figures(tuned: Tuned) -> dict[str, Any]:
    """Return full-gallery figures of base and tuned model on the test items, text to picture, each
    one's fixed text a query, and the gain with 95 % intervals over groups."""
    each = {name: _values(ranked) for name, ranked in tuned.test_ranks.items()}
    low, high = significance.interval(each["tuned"] - each["base"], tuned.test_groups)
    names = ("R@1", "R@5", "R@10", "MRR")
    return {
        "queries": len(tuned.test_rows),
        "groups": len(set(tuned.test_groups)),
        "gallery": len(tuned.parts),
        **{name: metrics.retrieval(ranked) for name, ranked in tuned.test_ranks.items()},
        "chance": metrics.chance(len(tuned.parts)),
        "gain_ci": {name: [float(low[n]), float(high[n])] for n, name in enumerate(names)},
    }


def _values(ranked: np.ndarray) -> np.ndarray:
    return np.stack([ranked <= 1, ranked <= 5, ranked <= 10, 1 / ranked], axis=1).astype(float)


def facts(run: Run, tuned: Tuned, base: EmbeddingModel, command: str) -> dict[str, Any]:
    """Return all that a run needs to be repeated, and what it gave."""
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
            "judged": len(run.dataset.judged),
            "unreadable": tuned.unreadable,
        },
        "probe": run.probe.spec if run.probe else None,
        "recipe": asdict(run.recipe),
        "figures": figures(tuned),
        "alpha": tuned.chosen.alpha,
        "sweep": [point._asdict() for point in tuned.sweep],
        "seconds": round(tuned.seconds, 1),
        "peak_memory_mb": peak_memory_mb(),
        "processes": run.ranks.world,
        "precision": "bf16 autocast" if tuned.towers.bf16 else "fp32",
        "machine": f"{tuned.towers.device.type}, {os.cpu_count()} cores, {platform.machine()}, "
        f"{torch.get_num_threads()} threads",
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _LIBRARIES},
        },
    }


def write(folder: Path, tuned: Tuned, stated: dict[str, Any]) -> None:
    """Write weights, configuration, `facts.json`, `split.json` and `history.jsonl`."""
    tuned.towers.write(folder)
    (folder / "facts.json").write_text(json.dumps(stated, indent=1) + "\n", "utf-8")
    (folder / "split.json").write_text(json.dumps(tuned.parts, indent=0) + "\n", "utf-8")
    lines = (json.dumps(entry) + "\n" for entry in tuned.history)
    (folder / "history.jsonl").write_text("".join(lines), "utf-8")


def require_free(name: str) -> None:
    """Raise `NameTaken` if a model of this name is more than a draft."""
    found = EmbeddingModel.objects.filter(name=name).first()
    if found and found.state != EmbeddingModel.State.DRAFT:
        raise NameTaken(f"the model {name} is {found.state}: give the new one another --name")


def register(folder: Path, stated: dict[str, Any]) -> EmbeddingModel:
    """Register the checkpoint as a draft with its figures; an earlier draft is replaced.

    The base gets its own figures on the same test works, so that `activate` can compare the two.
    """
    EmbeddingModel.objects.filter(name=folder.name, state=EmbeddingModel.State.DRAFT).delete()
    model = registry.register(str(folder))
    model.licence, model.is_synthetic = stated["licence"], stated["is_synthetic"]
    told = ("base", "data", "probe", "figures", "alpha", "sweep", "made")
    model.metrics = {
        **{key: stated[key] for key in told},
        "evaluation": _evaluation(stated, "tuned"),
    }
    model.save(update_fields=["licence", "is_synthetic", "metrics"])
    with transaction.atomic():
        found = EmbeddingModel.objects.select_for_update().filter(name=stated["base"]["name"])
        for base in found:  # none where two frozen encoders were the base
            before = base.metrics.get("evaluation", {})
            base.metrics["evaluation"] = {**before, **_evaluation(stated, "base")}
            base.save(update_fields=["metrics"])
    return model


def _evaluation(stated: dict[str, Any], which: str) -> dict[str, Any]:
    """Return the figures in the form that `search.embeddings.model_comparison` compares."""
    found, data = stated["figures"], stated["data"]
    name = f"test works of {data['spec']}, split {stated['recipe']['seed']}"
    figures = {"mrr": found[which]["MRR"], "r5": found[which]["R@5"]}
    return {name: {"queries": found["queries"], **figures}}
