"""Phase 2: the whole model, or its text tower and the upper part of its image tower."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from training.finetuning import optimizer as optimizers
from training.finetuning.batches import Batch, Pairs, ahead
from training.finetuning.checkpoints import Kept
from training.finetuning.config import Recipe
from training.finetuning.distributed import Ranks
from training.finetuning.ema import Averaged
from training.finetuning.gradient_cache import backward, clamp
from training.finetuning.progress import Progress
from training.finetuning.towers import Towers
from training.finetuning.validation import Judge
from training.schedule import warmup_cosine


@dataclass
class Whole:
    """Phase 2 of a run; `watch` hears of each step that is done."""

    towers: Towers
    pairs: Pairs
    judge: Judge
    recipe: Recipe
    kept: Kept
    progress: Progress
    ranks: Ranks
    watch: Callable[[int], None] = lambda step: None
    best: float = field(default=0.0, init=False)
    stale: int = field(default=0, init=False)

    def train(self) -> float:
        """Train to the end or until validation stops rising; the model then has the best weights.

        Returns the best validation MRR, which is that of the model as it came if nothing was
        better.
        """
        optimizers.freeze(self.towers.model, self.recipe.image_blocks)
        optimizer = optimizers.adamw(self.towers.model, self.recipe)
        average = Averaged(self.towers.model, self.recipe.ema) if self.recipe.ema else None
        an_epoch = self.pairs.steps(self.recipe.batch)
        step = self._resumed(optimizer, average)
        if step == 0:
            self.best = self.judge.mrr(self.towers, self.ranks)
            self.progress.note(2, 0, validation_MRR=self.best)
            self.kept.save_best(self.towers.state())
            self._save(0, optimizer, average)
        self.progress.begin(step)
        total = self.recipe.epochs * an_epoch
        for batch in ahead(lambda n: self.batch(n, an_epoch), step, total):
            if step % an_epoch == 0 and self.stale >= self.recipe.patience:
                break
            self.step(batch, step, total, optimizer, average)
            step += 1
            if step % an_epoch == 0:
                self._validate(step, average)
            if step % an_epoch == 0 or self.kept.is_due():
                self._save(step, optimizer, average)
            self.watch(step)
        self.ranks.wait()
        self.towers.load(self.kept.best())
        return self.best

    def batch(self, step: int, an_epoch: int) -> Batch:
        """Return the batch of `step`, counted from the beginning of the run."""
        epoch, within = divmod(step, an_epoch)
        recipe = self.recipe
        return self.pairs.batch(
            self.towers,
            self.ranks,
            size=recipe.batch,
            seed=recipe.seed,
            epoch=epoch + 1,
            step=within,
        )

    def step(
        self, batch: Batch, step: int, total: int, optimizer: Any, average: Averaged | None
    ) -> None:
        """Learn from `batch`, with `step` of `total` steps done before."""
        model, recipe = self.towers.model, self.recipe
        self.towers.learn()
        rate = warmup_cosine((step + 1) / total, peak=recipe.rate, warmup=recipe.warmup)
        optimizers.set_rate(optimizer, rate)
        optimizer.zero_grad(set_to_none=True)
        loss = backward(self.towers, batch, recipe.micro, self.ranks)
        learning = [p for p in model.parameters() if p.requires_grad]
        self.ranks.add_gradients(learning)
        torch.nn.utils.clip_grad_norm_(learning, recipe.clip)
        optimizer.step()
        clamp(model)
        if average is not None:
            average.update(model, step + 1)
        self.progress.step(2, step + 1, total, pairs=len(batch.tokens), loss=loss, rate=rate)

    def _validate(self, step: int, average: Averaged | None) -> None:
        with _averaged(self.towers.model, average):
            found = self.judge.mrr(self.towers, self.ranks)
            self.progress.note(2, step, validation_MRR=found)
            if found > self.best:
                self.best, self.stale = found, 0
                self.kept.save_best(self.towers.state())
            else:
                self.stale += 1

    def _save(self, step: int, optimizer: Any, average: Averaged | None) -> None:
        if not self.kept.writes:
            return
        self.kept.save(
            {
                "step": step,
                "model": self.towers.model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "average": average.weights if average else {},
                "best": self.best,
                "stale": self.stale,
                "history": self.progress.history,
                "random": torch.get_rng_state(),
            }
        )

    def _resumed(self, optimizer: Any, average: Averaged | None) -> int:
        """Take what is kept of this run, if anything; return the steps that are done."""
        state = self.kept.load()
        if state is None:
            return 0
        self.towers.load(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        if average is not None:
            for name, weight in state["average"].items():
                average.weights[name].copy_(weight)
        self.best, self.stale = state["best"], state["stale"]
        self.progress.history[:] = state["history"]
        torch.set_rng_state(state["random"])
        return int(state["step"])


@contextmanager
def _averaged(model: Any, average: Averaged | None) -> Iterator[None]:
    """Let the model have the averaged weights meanwhile."""
    if average is None:
        yield
        return
    average.swap(model)
    try:
        yield
    finally:
        average.swap(model)
