"""Phase 1: linear heads on cached vectors, trained in minutes on a CPU, then merged into the model.

A head starts as the identity. A trained head is merged exactly into the model's own last
projection, so the checkpoint has no part that search does not know.
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
from training.finetuning.gradient_cache import MAX_LOGIT_SCALE
from training.finetuning.progress import Progress
from training.finetuning.validation import target_ranks
from training.schedule import warmup_cosine


class ResidualHead(nn.Module):
    """x + Wx, with W initially zero."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.change = nn.Linear(dim, dim, bias=False)
        nn.init.zeros_(self.change.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, dim)."""
        return x + self.change(x)


@dataclass(frozen=True)
class CachedVectors:
    """Vectors of a run's data, before the heads.

    `images` is (gallery, dim); `texts` (train, draws, dim) has several texts for each picture of
    `rows` (train), with its group in `groups` (train). The validation `queries` (m, dim) have the
    rows `targets` (m).
    """

    images: Tensor
    texts: Tensor
    rows: np.ndarray
    groups: np.ndarray
    queries: Tensor
    targets: np.ndarray


@dataclass
class Heads:
    """Two heads and the logit scale that is trained with them."""

    image: nn.Module
    text: nn.Module
    log_scale: nn.Parameter

    def parameters(self) -> Iterator[nn.Parameter]:
        """Yield the trainable parameters."""
        yield from (*self.image.parameters(), *self.text.parameters(), self.log_scale)

    @torch.no_grad()
    def mrr(self, cached: CachedVectors) -> float:
        """Return the validation MRR over the whole gallery."""
        images, queries = (
            normalize(head(x), dim=-1).cpu().numpy()
            for head, x in ((self.image, cached.images), (self.text, cached.queries))
        )
        return float((1 / target_ranks(images, queries, cached.targets)).mean())

    def state(self) -> list[Tensor]:
        """Return a copy of the weights."""
        return [parameter.detach().clone() for parameter in self.parameters()]

    @torch.no_grad()
    def load(self, state: list[Tensor]) -> None:
        """Set the weights to `state`."""
        for parameter, weight in zip(self.parameters(), state, strict=True):
            parameter.copy_(weight)


def train(heads: Heads, cached: CachedVectors, recipe: Recipe, progress: Progress) -> float:
    """Train `heads`, leave them with the weights of the best epoch, and return its validation MRR.

    The initial heads count as an epoch.
    """
    optimizer = torch.optim.AdamW(
        heads.parameters(), lr=recipe.head_rate, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.01
    )
    draw = np.random.default_rng(recipe.seed)
    size = min(recipe.head_batch, len(cached.rows))
    steps_per_epoch = max(1, len(cached.rows) // size)
    total = recipe.head_epochs * steps_per_epoch
    best_mrr, best_state, stale = heads.mrr(cached), heads.state(), 0
    progress.note(1, 0, validation_MRR=best_mrr)
    progress.begin(0)
    for step in range(total):
        if step % steps_per_epoch == 0:
            order = draw.permutation(len(cached.rows))
        batch = np.sort(order[step % steps_per_epoch * size :][:size])
        rate = warmup_cosine((step + 1) / total, peak=recipe.head_rate)
        optimizer.param_groups[0]["lr"] = rate
        loss = _loss(heads, cached, batch, draw)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            heads.log_scale.clamp_(max=math.log(MAX_LOGIT_SCALE))
        progress.step(1, step + 1, total, pairs=size, loss=float(loss.detach()), rate=rate)
        if (step + 1) % steps_per_epoch == 0:
            mrr = heads.mrr(cached)
            progress.note(1, step + 1, validation_MRR=mrr)
            if mrr > best_mrr:
                best_mrr, best_state, stale = mrr, heads.state(), 0
            else:
                stale += 1
            if stale >= recipe.patience:
                break
    heads.load(best_state)
    return best_mrr


def _loss(
    heads: Heads, cached: CachedVectors, batch: np.ndarray, draw: np.random.Generator
) -> Tensor:
    drawn = draw.integers(0, cached.texts.shape[1], len(batch))
    images = normalize(heads.image(cached.images[cached.rows[batch]]), dim=-1)
    texts = normalize(heads.text(cached.texts[batch, drawn]), dim=-1)
    groups = torch.from_numpy(cached.groups[batch]).to(images.device)
    matches = groups[:, None] == groups[None]
    return losses.contrastive(images, texts, heads.log_scale.exp(), matches)


def residual_heads(model: Any, dim: int) -> Heads:
    """Return identity heads for a trained model, with its own logit scale."""
    device = model.logit_scale.device
    scale = nn.Parameter(model.logit_scale.detach().clone())
    return Heads(ResidualHead(dim).to(device), ResidualHead(dim).to(device), scale)


def projection_heads(model: Any) -> Heads:
    """Return the model's own last projections as heads, for frozen towers."""
    image, text = (
        _linear(projections.matrix(projection_of(model)))
        for projection_of in (projections.of_images, projections.of_texts)
    )
    return Heads(image, text, nn.Parameter(model.logit_scale.detach().clone()))


def _linear(matrix: Tensor) -> nn.Linear:
    linear = nn.Linear(matrix.shape[1], matrix.shape[0], bias=False, device=matrix.device)
    with torch.no_grad():
        linear.weight.copy_(matrix)
    return linear


@torch.no_grad()
def merge(model: Any, heads: Heads) -> None:
    """Merge trained heads into the model's last projections. Raises `NoProjectionError`."""
    for projection, head in (
        (projections.of_images(model), heads.image),
        (projections.of_texts(model), heads.text),
    ):
        if isinstance(head, ResidualHead):
            change = head.change.weight
            projections.multiply(projection, torch.eye(len(change), device=change.device) + change)
        elif isinstance(head, nn.Linear):
            projections.replace(projection, head.weight)
    model.logit_scale.copy_(heads.log_scale)


def cached_vectors(
    encode: Callable[[], tuple[np.ndarray, np.ndarray]], path: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors of pictures and texts stored at `path`, encoded and stored if missing."""
    if not path.exists():
        images, texts = encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as file:
            np.savez(file, images=images, texts=texts)
        partial.rename(path)
    with np.load(path) as arrays:
        return arrays["images"], arrays["texts"]
