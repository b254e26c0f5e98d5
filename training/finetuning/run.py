"""Fine-tuning from base to draft: split, phases 1 and 2, WiSE-FT, test, checkpoint.

`manage.py finetune` is the command; `torchrun --nproc-per-node N manage.py finetune` runs it in N
processes.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from search.encoders.open_clip_encoder import OpenClipEncoder
from training.datasets.dataset import Dataset
from training.finetuning import phase1_heads, projections, wise_ft
from training.finetuning.checkpoints import CheckpointStore
from training.finetuning.config import Recipe
from training.finetuning.data import TrainingData
from training.finetuning.distributed import ProcessGroup
from training.finetuning.phase2_full import FullModelPhase
from training.finetuning.progress import Progress
from training.finetuning.towers import State, Towers
from training.finetuning.validation import RetrievalTask


@dataclass
class Run:
    """One run: `base` on `dataset`, in `folder`; caches and splits are in `cache`.

    `probe` is data of another kind on which the tuned model should keep its recall. The larger it
    is, the better the loss is known, and the further from its base the model may move.
    """

    base: OpenClipEncoder
    dataset: Dataset
    recipe: Recipe
    folder: Path
    cache: Path
    probe: Dataset | None = None
    processes: ProcessGroup = field(default_factory=ProcessGroup)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    report: Callable[[str], None] = lambda line: None
    on_step: Callable[[int], None] = lambda step: None
    save_minutes: float = 10.0
    bf16: bool | None = None

    @property
    def key(self) -> str:
        """Return a hash of all that determines the result; only a run of the same key is
        resumed."""
        settings = (
            self.base.fingerprint,
            self.dataset.fingerprint,
            self.probe.fingerprint if self.probe else "",
            asdict(self.recipe),
            self.processes.world_size,
            self.device.type,
        )
        return hashlib.blake2b(repr(settings).encode(), digest_size=16).hexdigest()

    @property
    def checkpoints(self) -> CheckpointStore:
        """The checkpoints from which the run can be resumed."""
        return CheckpointStore(
            self.folder, self.key, self.save_minutes, writes=self.processes.is_first
        )

    def clear(self) -> None:
        """Delete the checkpoints."""
        self.checkpoints.clear()


@dataclass(frozen=True)
class TunedModel:
    """The result of a run. `sweep` is the whole WiSE-FT sweep, `chosen` its best point;
    `test_ranks` has the rank of each test item's picture for "base" and "tuned"."""

    towers: Towers
    sweep: list[wise_ft.SweepPoint]
    chosen: wise_ft.SweepPoint
    parts: dict[str, str]
    test_rows: np.ndarray
    test_groups: list[str]
    test_ranks: dict[str, np.ndarray]
    history: list[dict[str, Any]]
    unreadable: dict[str, str]
    seconds: float


def finetune(run: Run) -> TunedModel:
    """Fine-tune. Raises `DatasetError` and `NoProjectionError`."""
    started = time.monotonic()
    torch.manual_seed(run.recipe.seed)
    towers = Towers.of(run.base, run.device, bf16=run.bf16)
    base = towers.state()
    progress = Progress(run.report, run.folder / "tensorboard" if run.processes.is_first else None)
    data = TrainingData.of(
        run.dataset,
        run.probe,
        towers,
        seed=run.recipe.seed,
        cache=run.cache,
        processes=run.processes,
    )
    if data.pairs.hard_negatives:
        run.report(f"{len(data.pairs.hard_negatives)} judged queries add hard negatives to phase 2")
    if 1 in run.recipe.phases:
        _phase_1(run, towers, data, progress)
    if 2 in run.recipe.phases:
        FullModelPhase(
            towers,
            data.pairs,
            data.validation,
            run.recipe,
            run.checkpoints,
            progress,
            run.processes,
            run.on_step,
        ).train()
    sweep = _sweep(run, towers, base, data)
    chosen = wise_ft.choose(sweep, run.recipe.probe_loss)
    run.report(
        f"WiSE-FT: alpha {chosen.alpha:g} has the best validation MRR, {chosen.mrr:.4f} "
        f"(base {sweep[0].mrr:.4f})"
        + (f", and loses at most {chosen.lost:.4f} of the probe" if run.probe else "")
        + ("; nothing is better than the base: keep it" if chosen.alpha == 0 else "")
    )
    tuned = towers.state()
    test_ranks = {}
    for name, alpha in (("base", 0.0), ("tuned", chosen.alpha)):
        towers.load(wise_ft.interpolate(base, tuned, alpha))
        test_ranks[name] = data.test.ranks(towers, run.processes)
    progress.close()
    return TunedModel(
        towers=towers,
        sweep=sweep,
        chosen=chosen,
        parts=data.parts,
        test_rows=data.test.targets,
        test_groups=[data.groups[row] for row in data.test.targets],
        test_ranks=test_ranks,
        history=progress.history,
        unreadable=data.unreadable,
        seconds=time.monotonic() - started,
    )


def _phase_1(run: Run, towers: Towers, data: TrainingData, progress: Progress) -> None:
    """Train heads on cached vectors; it takes minutes, so all processes do the same."""
    projections.of_images(towers.model)
    projections.of_texts(towers.model)
    if run.recipe.frozen:
        with projections.removed(towers.model):
            cached = _cached_vectors(run, towers, data)
        heads = phase1_heads.projection_heads(towers.model)
    else:
        cached = _cached_vectors(run, towers, data)
        heads = phase1_heads.residual_heads(towers.model, cached.images.shape[1])
    before = heads.mrr(cached)
    if phase1_heads.train(heads, cached, run.recipe, progress) > before:
        phase1_heads.merge(towers.model, heads)


def _cached_vectors(run: Run, towers: Towers, data: TrainingData) -> phase1_heads.CachedVectors:
    """Return the vectors for phase 1, cached by base, pictures and drawn texts."""
    rows, draws = data.pairs.rows, run.recipe.head_texts
    texts = [data.texts.caption(int(row), -1 - draw) for row in rows for draw in range(draws)]
    task = RetrievalTask(data.pixels, [*texts, *data.validation.texts], rows)
    digest = hashlib.blake2b(run.base.fingerprint.encode(), digest_size=16)
    digest.update(f"{data.pixels_key} {run.recipe.frozen}".encode())
    for text in task.texts:
        digest.update(text.encode() + b"\n")
    path = run.cache / "features" / f"{digest.hexdigest()}.npz"
    images, text_vectors = phase1_heads.cached_vectors(
        lambda: task.vectors(towers, run.processes), path
    )
    return phase1_heads.CachedVectors(
        images=torch.from_numpy(images).to(run.device),
        texts=torch.from_numpy(text_vectors[: len(texts)])
        .view(len(rows), draws, -1)
        .to(run.device),
        rows=rows,
        groups=data.pairs.groups[rows],
        queries=torch.from_numpy(text_vectors[len(texts) :]).to(run.device),
        targets=data.validation.targets,
    )


def _sweep(run: Run, towers: Towers, base: State, data: TrainingData) -> list[wise_ft.SweepPoint]:
    def evaluate(state: State) -> tuple[float, np.ndarray | None]:
        towers.load(state)
        recalls = data.probe.recalls(towers, run.processes) if data.probe else None
        return data.validation.mrr(towers, run.processes), recalls

    tuned = towers.state()
    points = wise_ft.sweep(base, tuned, run.recipe.alphas, evaluate, data.probe_groups)
    towers.load(tuned)
    return points
