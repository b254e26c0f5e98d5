"""Fine-tuning from base to draft: split, phases 1 and 2, WiSE-FT, test, checkpoint.

`manage.py finetune` is the command; `torchrun --nproc-per-node N manage.py finetune` spreads one
run over N processes.
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
from training.datasets import Dataset
from training.finetuning import phase1_heads, projections, wise_ft
from training.finetuning.checkpoints import Kept
from training.finetuning.config import Recipe
from training.finetuning.data import Material
from training.finetuning.distributed import Ranks
from training.finetuning.phase2_full import Whole
from training.finetuning.progress import Progress
from training.finetuning.towers import State, Towers
from training.finetuning.validation import Judge


@dataclass
class Run:
    """One run: `base` on `dataset`, in `folder`; caches and splits are in `cache`.

    `probe` is data of another kind, whose recall the tuned model should not lose: the more of it,
    the surer that it does not, and the further from its base the model may go.
    """

    base: OpenClipEncoder
    dataset: Dataset
    recipe: Recipe
    folder: Path
    cache: Path
    probe: Dataset | None = None
    ranks: Ranks = field(default_factory=Ranks)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    report: Callable[[str], None] = lambda line: None
    watch: Callable[[int], None] = lambda step: None
    save_minutes: float = 10.0
    bf16: bool | None = None

    @property
    def key(self) -> str:
        """Name all that decides the result; a run is resumed only by one of the same key."""
        decides = (
            self.base.fingerprint,
            self.dataset.fingerprint,
            self.probe.fingerprint if self.probe else "",
            asdict(self.recipe),
            self.ranks.world,
            self.device.type,
        )
        return hashlib.blake2b(repr(decides).encode(), digest_size=16).hexdigest()

    @property
    def kept(self) -> Kept:
        """What is kept of the run, so that it can go on."""
        return Kept(self.folder, self.key, self.save_minutes, writes=self.ranks.is_first)

    def clear(self) -> None:
        """Forget what is kept."""
        self.kept.clear()


@dataclass(frozen=True)
class Tuned:
    """What a run gives. `sweep` is the whole WiSE-FT sweep, `chosen` its winner; `test` has the
    rank of each test item's picture for "base" and "tuned", and their groups."""

    towers: Towers
    sweep: list[wise_ft.Point]
    chosen: wise_ft.Point
    parts: dict[str, str]
    test_rows: np.ndarray
    test_groups: list[str]
    test_ranks: dict[str, np.ndarray]
    history: list[dict[str, Any]]
    unreadable: dict[str, str]
    seconds: float


def run(run: Run) -> Tuned:
    """Fine-tune. Raises `DatasetError` and `NoProjection`."""
    started = time.monotonic()
    torch.manual_seed(run.recipe.seed)
    towers = Towers.of(run.base, run.device, bf16=run.bf16)
    base = towers.state()
    progress = Progress(run.report, run.folder / "tensorboard" if run.ranks.is_first else None)
    data = Material.of(
        run.dataset,
        run.probe,
        towers,
        seed=run.recipe.seed,
        cache=run.cache,
        ranks=run.ranks,
    )
    if data.pairs.judged:
        run.report(f"{len(data.pairs.judged)} judged queries bring hard negatives to phase 2")
    if 1 in run.recipe.phases:
        _phase_1(run, towers, data, progress)
    if 2 in run.recipe.phases:
        Whole(
            towers,
            data.pairs,
            data.validation,
            run.recipe,
            run.kept,
            progress,
            run.ranks,
            run.watch,
        ).train()
    sweep = _sweep(run, towers, base, data)
    chosen = wise_ft.choose(sweep, run.recipe.probe_loss)
    run.report(
        f"WiSE-FT: alpha {chosen.alpha:g} has the best validation MRR, {chosen.mrr:.4f} "
        f"(base {sweep[0].mrr:.4f})"
        + (f", and loses at most {chosen.lost:.4f} of the probe" if run.probe else "")
        + ("; nothing beats the base: keep it" if chosen.alpha == 0 else "")
    )
    tuned = towers.state()
    test_ranks = {}
    for name, alpha in (("base", 0.0), ("tuned", chosen.alpha)):
        towers.load(wise_ft.between(base, tuned, alpha))
        test_ranks[name] = data.test.ranks(towers, run.ranks)
    progress.close()
    return Tuned(
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


def _phase_1(run: Run, towers: Towers, data: Material, progress: Progress) -> None:
    """Train heads on cached vectors; all processes do the same, for it takes minutes."""
    projections.of_images(towers.model)
    projections.of_texts(towers.model)
    if run.recipe.frozen:
        with projections.left_out(towers.model):
            cached = _cached(run, towers, data)
        trained = phase1_heads.fresh(towers.model)
    else:
        cached = _cached(run, towers, data)
        trained = phase1_heads.residual(towers.model, cached.images.shape[1])
    before = trained.mrr(cached)
    if phase1_heads.train(trained, cached, run.recipe, progress) > before:
        phase1_heads.merge(towers.model, trained)


def _cached(run: Run, towers: Towers, data: Material) -> phase1_heads.Cached:
    """Encode what phase 1 needs, or find it: by the base, the pictures and the texts drawn."""
    rows, draws = data.pairs.rows, run.recipe.head_texts
    texts = [data.texts.text(int(row), -1 - draw) for row in rows for draw in range(draws)]
    wanted = Judge(data.pixels, [*texts, *data.validation.texts], rows)
    digest = hashlib.blake2b(run.base.fingerprint.encode(), digest_size=16)
    digest.update(f"{data.pixels_key} {run.recipe.frozen}".encode())
    for text in wanted.texts:
        digest.update(text.encode() + b"\n")
    path = run.cache / "features" / f"{digest.hexdigest()}.npz"
    images, written = phase1_heads.cache(lambda: wanted.vectors(towers, run.ranks), path)
    return phase1_heads.Cached(
        images=torch.from_numpy(images).to(run.device),
        texts=torch.from_numpy(written[: len(texts)]).view(len(rows), draws, -1).to(run.device),
        rows=rows,
        groups=data.pairs.groups[rows],
        queries=torch.from_numpy(written[len(texts) :]).to(run.device),
        targets=data.validation.targets,
    )


def _sweep(run: Run, towers: Towers, base: State, data: Material) -> list[wise_ft.Point]:
    def judge(state: State) -> tuple[float, np.ndarray | None]:
        towers.load(state)
        recalls = data.probe.recalls(towers, run.ranks) if data.probe else None
        return data.validation.mrr(towers, run.ranks), recalls

    tuned = towers.state()
    points = wise_ft.sweep(base, tuned, run.recipe.alphas, judge, data.probe_groups)
    towers.load(tuned)
    return points
