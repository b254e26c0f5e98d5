"""Phase 2: train the whole model, or its text tower and the upper part of its image tower."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from training.finetuning import optimizer as optimizers
from training.finetuning.batches import Batch, Pairs, prefetch
from training.finetuning.checkpoints import CheckpointStore
from training.finetuning.config import Recipe
from training.finetuning.distributed import ProcessGroup
from training.finetuning.ema import AveragedWeights
from training.finetuning.gradient_cache import backward, clamp
from training.finetuning.progress import Progress
from training.finetuning.towers import Towers
from training.finetuning.validation import RetrievalTask
from training.schedule import warmup_cosine


@dataclass
class FullModelPhase:
    """Phase 2 of a run; `on_step` is called with the number of each finished step."""

    towers: Towers
    pairs: Pairs
    validation: RetrievalTask
    recipe: Recipe
    checkpoints: CheckpointStore
    progress: Progress
    processes: ProcessGroup
    on_step: Callable[[int], None] = lambda step: None
    best_mrr: float = field(default=0.0, init=False)
    stale_epochs: int = field(default=0, init=False)

    def train(self) -> float:
        """Train until the end or until validation stops rising, and load the best weights.

        Returns the best validation MRR; the initial model counts, too.
        """
        optimizers.freeze(self.towers.model, self.recipe.image_blocks)
        optimizer = optimizers.adamw(self.towers.model, self.recipe)
        average = AveragedWeights(self.towers.model, self.recipe.ema) if self.recipe.ema else None
        steps_per_epoch = self.pairs.steps(self.recipe.batch)
        step = self._resume(optimizer, average)
        if step == 0:
            self.best_mrr = self.validation.mrr(self.towers, self.processes)
            self.progress.note(2, 0, validation_MRR=self.best_mrr)
            self.checkpoints.save_best(self.towers.state())
            self._save(0, optimizer, average)
        self.progress.begin(step)
        total = self.recipe.epochs * steps_per_epoch
        for batch in prefetch(lambda n: self.batch(n, steps_per_epoch), step, total):
            if step % steps_per_epoch == 0 and self.stale_epochs >= self.recipe.patience:
                break
            self.step(batch, step, total, optimizer, average)
            step += 1
            if step % steps_per_epoch == 0:
                self._validate(step, average)
            if step % steps_per_epoch == 0 or self.checkpoints.is_due():
                self._save(step, optimizer, average)
            self.on_step(step)
        self.processes.wait()
        self.towers.load(self.checkpoints.best())
        return self.best_mrr

    def batch(self, step: int, steps_per_epoch: int) -> Batch:
        """Return the batch of `step`, counted from the start of the run."""
        epoch, within = divmod(step, steps_per_epoch)
        recipe = self.recipe
        return self.pairs.batch(
            self.towers,
            self.processes,
            size=recipe.batch,
            seed=recipe.seed,
            epoch=epoch + 1,
            step=within,
        )

    def step(
        self, batch: Batch, step: int, total: int, optimizer: Any, average: AveragedWeights | None
    ) -> None:
        """Train on `batch` after `step` of `total` steps."""
        model, recipe = self.towers.model, self.recipe
        self.towers.train_mode()
        rate = warmup_cosine((step + 1) / total, peak=recipe.rate, warmup=recipe.warmup)
        optimizers.set_rate(optimizer, rate)
        optimizer.zero_grad(set_to_none=True)
        loss = backward(self.towers, batch, recipe.micro, self.processes)
        trainable = [p for p in model.parameters() if p.requires_grad]
        self.processes.add_gradients(trainable)
        torch.nn.utils.clip_grad_norm_(trainable, recipe.clip)
        optimizer.step()
        clamp(model)
        if average is not None:
            average.update(model, step + 1)
        self.progress.step(2, step + 1, total, pairs=len(batch.tokens), loss=loss, rate=rate)

    def _validate(self, step: int, average: AveragedWeights | None) -> None:
        with _averaged_weights(self.towers.model, average):
            mrr = self.validation.mrr(self.towers, self.processes)
            self.progress.note(2, step, validation_MRR=mrr)
            if mrr > self.best_mrr:
                self.best_mrr, self.stale_epochs = mrr, 0
                self.checkpoints.save_best(self.towers.state())
            else:
                self.stale_epochs += 1

    def _save(self, step: int, optimizer: Any, average: AveragedWeights | None) -> None:
        if not self.checkpoints.writes:
            return
        self.checkpoints.save(
            {
                "step": step,
                "model": self.towers.model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "average": average.weights if average else {},
                "best": self.best_mrr,
                "stale": self.stale_epochs,
                "history": self.progress.history,
                "random": torch.get_rng_state(),
            }
        )

    def _resume(self, optimizer: Any, average: AveragedWeights | None) -> int:
        """Load the checkpoint of this run, if there is one; return the number of finished steps."""
        state = self.checkpoints.load()
        if state is None:
            return 0
        self.towers.load(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        if average is not None:
            for name, weight in state["average"].items():
                average.weights[name].copy_(weight)
        self.best_mrr, self.stale_epochs = state["best"], state["stale"]
        self.progress.history[:] = state["history"]
        torch.set_rng_state(state["random"])
        return int(state["step"])


@contextmanager
def _averaged_weights(model: Any, average: AveragedWeights | None) -> Iterator[None]:
    """Give the model the averaged weights within the block."""
    if average is None:
        yield
        return
    average.swap(model)
    try:
        yield
    finally:
        average.swap(model)
