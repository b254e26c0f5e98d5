"""One step of phase 2: the contrastive loss of a batch larger than what fits in memory.

Gradient caching (Gao et al., "Scaling deep contrastive learning batch size under memory limited
setup", 2021): vectors first, without gradient; then the loss and its gradient at the vectors; then
the vectors again, part by part, with that gradient. Exact, for a second forward pass.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from training import losses
from training.finetuning.batches import Batch
from training.finetuning.distributed import Ranks
from training.finetuning.towers import Towers

MAX_SCALE = 100.0


def backward(towers: Towers, batch: Batch, micro: int, ranks: Ranks) -> float:
    """Add the gradient of the batch's loss to the parameters; return the loss.

    `batch` has the whole batch's `tokens` and `same`, and this process's share of its pictures.
    """
    own = ranks.share(len(batch.tokens))
    pictures, tokens = towers.pictures(batch.pixels), batch.tokens[own]
    same = batch.same.to(towers.device)
    if ranks.world == 1 and len(tokens) <= micro:
        loss = _loss(towers.model, towers.images(pictures), towers.texts(tokens), same)
        loss.backward()
        return float(loss.detach())
    with torch.no_grad():
        images = torch.cat([towers.images(part) for part in pictures.split(micro)])
        texts = torch.cat([towers.texts(part) for part in tokens.split(micro)])
    images, texts = (ranks.gather(vectors).requires_grad_() for vectors in (images, texts))
    loss = _loss(towers.model, images, texts, same)
    loss.backward()
    if not ranks.is_first:  # all have the scale's whole gradient: it must count once
        for name in ("logit_scale", "logit_bias"):
            parameter = getattr(towers.model, name, None)
            if parameter is not None and parameter.grad is not None:
                parameter.grad.zero_()
    _again(towers.images, pictures, images.grad[own], micro)  # type: ignore[index]
    _again(towers.texts, tokens, texts.grad[own], micro)  # type: ignore[index]
    return float(loss.detach())


def _again(encode: Any, rows: Tensor, gradient: Tensor, micro: int) -> None:
    for part, wanted in zip(rows.split(micro), gradient.split(micro), strict=True):
        vectors = encode(part)
        if vectors.requires_grad:  # not where the whole tower is frozen
            vectors.backward(wanted)


def _loss(model: Any, images: Tensor, texts: Tensor, same: Tensor) -> Tensor:
    """InfoNCE, as CLIP was trained (FLYP: Goyal et al. 2023); sigmoid for SigLIP alone."""
    scale = model.logit_scale.exp()
    bias = getattr(model, "logit_bias", None)
    if bias is not None:
        return losses.sigmoid(images, texts, scale, bias, same)
    return losses.contrastive(images, texts, scale, same)


def clamp(model: Any) -> None:
    """Keep the logit scale at 100 or below, as CLIP does."""
    with torch.no_grad():
        model.logit_scale.clamp_(max=math.log(MAX_SCALE))
