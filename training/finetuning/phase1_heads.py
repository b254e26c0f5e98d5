"""Phase 1: heads on cached vectors, minutes on a CPU; then they become part of the model.

A head is linear and starts as the identity, so a trained one is merged into the model's own last
projection exactly: the checkpoint has no part that search would not know.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from training import losses
from training.finetuning import projections
from training.finetuning.config import Recipe
from training.finetuning.gradient_cache import MAX_SCALE
from training.finetuning.progress import Progress
from training.finetuning.validation import ranked
from training.schedule import warmup_cosine


class Residual(nn.Module):
    """x + Wx, W zero at first."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.change = nn.Linear(dim, dim, bias=False)
        nn.init.zeros_(self.change.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, dim)."""
        return x + self.change(x)


@dataclass(frozen=True)
class Cached:
    """Vectors of a run's data, before the heads.

    `images` (gallery, dim); `texts` (train, draws, dim), several for each picture of `rows`
    (train), whose groups are `groups` (train); `queries` (m, dim) ask for the rows `targets`.
    """

    images: Tensor
    texts: Tensor
    rows: np.ndarray
    groups: np.ndarray
    queries: Tensor
    targets: np.ndarray


@dataclass
class Heads:
    """Two heads and the logit scale they are trained with."""

    image: nn.Module
    text: nn.Module
    log_scale: nn.Parameter

    def parameters(self) -> Iterator[nn.Parameter]:
        """Yield all that learns."""
        yield from (*self.image.parameters(), *self.text.parameters(), self.log_scale)

    @torch.no_grad()
    def mrr(self, cached: Cached) -> float:
        """Return the validation MRR over the whole gallery."""
        images, queries = (
            normalize(head(x), dim=-1).cpu().numpy()
            for head, x in ((self.image, cached.images), (self.text, cached.queries))
        )
        return float((1 / ranked(images, queries, cached.targets)).mean())

    def state(self) -> list[Tensor]:
        """Return a copy of the weights."""
        return [parameter.detach().clone() for parameter in self.parameters()]

    @torch.no_grad()
    def load(self, state: list[Tensor]) -> None:
        """Take `state` as weights."""
        for parameter, weight in zip(self.parameters(), state, strict=True):
            parameter.copy_(weight)


def train(heads: Heads, cached: Cached, recipe: Recipe, progress: Progress) -> float:
    """Train `heads`; they end with the weights of the best epoch, whose validation MRR returns.

    The heads as they came count as an epoch, too.
    """
    optimizer = torch.optim.AdamW(
        heads.parameters(), lr=recipe.head_rate, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.01
    )
    draw = np.random.default_rng(recipe.seed)
    size = min(recipe.head_batch, len(cached.rows))
    an_epoch = max(1, len(cached.rows) // size)
    total = recipe.head_epochs * an_epoch
    best, kept, stale = heads.mrr(cached), heads.state(), 0
    progress.note(1, 0, validation_MRR=best)
    progress.begin(0)
    for step in range(total):
        if step % an_epoch == 0:
            order = draw.permutation(len(cached.rows))
        chosen = np.sort(order[step % an_epoch * size :][:size])
        rate = warmup_cosine((step + 1) / total, peak=recipe.head_rate)
        optimizer.param_groups[0]["lr"] = rate
        loss = _loss(heads, cached, chosen, draw)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            heads.log_scale.clamp_(max=math.log(MAX_SCALE))
        progress.step(1, step + 1, total, pairs=size, loss=float(loss.detach()), rate=rate)
        if (step + 1) % an_epoch == 0:
            found = heads.mrr(cached)
            progress.note(1, step + 1, validation_MRR=found)
            best, kept, stale = (
                (found, heads.state(), 0) if found > best else (best, kept, stale + 1)
            )
            if stale >= recipe.patience:
                break
    heads.load(kept)
    return best


def _loss(heads: Heads, cached: Cached, chosen: np.ndarray, draw: np.random.Generator) -> Tensor:
    drawn = draw.integers(0, cached.texts.shape[1], len(chosen))
    images = normalize(heads.image(cached.images[cached.rows[chosen]]), dim=-1)
    texts = normalize(heads.text(cached.texts[chosen, drawn]), dim=-1)
    groups = torch.from_numpy(cached.groups[chosen]).to(images.device)
    same = groups[:, None] == groups[None]
    return losses.contrastive(images, texts, heads.log_scale.exp(), same)


def residual(model: Any, dim: int) -> Heads:
    """Return heads for a trained model: identities, with its own logit scale."""
    device = model.logit_scale.device
    scale = nn.Parameter(model.logit_scale.detach().clone())
    return Heads(Residual(dim).to(device), Residual(dim).to(device), scale)


def fresh(model: Any) -> Heads:
    """Return the model's own last projections as heads, for towers that stay as they are."""
    image, text = (
        _linear(projections.matrix(find(model)))
        for find in (projections.of_images, projections.of_texts)
    )
    return Heads(image, text, nn.Parameter(model.logit_scale.detach().clone()))


def _linear(matrix: Tensor) -> nn.Linear:
    linear = nn.Linear(matrix.shape[1], matrix.shape[0], bias=False, device=matrix.device)
    with torch.no_grad():
        linear.weight.copy_(matrix)
    return linear


@torch.no_grad()
def merge(model: Any, heads: Heads) -> None:
    """Make trained heads the model's last projections, or part of them. Raises `NoProjection`."""
    for place, head in (
        (projections.of_images(model), heads.image),
        (projections.of_texts(model), heads.text),
    ):
        if isinstance(head, Residual):
            change = head.change.weight
            projections.multiply(place, torch.eye(len(change), device=change.device) + change)
        elif isinstance(head, nn.Linear):
            projections.replace(place, head.weight)
    model.logit_scale.copy_(heads.log_scale)


def cache(
    make: Callable[[], tuple[np.ndarray, np.ndarray]], path: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors of pictures and texts at `path`, made now if they are not there."""
    if not path.exists():
        images, texts = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as file:
            np.savez(file, images=images, texts=texts)
        partial.rename(path)
    with np.load(path) as found:
        return found["images"], found["texts"]
