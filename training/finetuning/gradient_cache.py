"""One step of phase 2: the contrastive loss of a batch that does not fit in memory.

Gradient caching (Gao et al., "Scaling deep contrastive learning batch size under memory limited
setup", 2021): encode all without gradient; compute the loss and its gradient with respect to the
vectors; encode again, part by part, and propagate that gradient. The result is exact and costs a
second forward pass.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from training import losses
from training.finetuning.batches import Batch
from training.finetuning.distributed import ProcessGroup
from training.finetuning.towers import Towers

MAX_LOGIT_SCALE = 100.0


def backward(towers: Towers, batch: Batch, micro: int, processes: ProcessGroup) -> float:
    """Add the gradient of the batch's loss to the parameters; return the loss.

    At most `micro` pairs are in memory at a time.
    """
    own = processes.share(len(batch.tokens))
    pictures, tokens = towers.pictures(batch.pixels), batch.tokens[own]
    matches = batch.matches.to(towers.device)
    if processes.world_size == 1 and len(tokens) <= micro:
        loss = _loss(towers.model, towers.images(pictures), towers.texts(tokens), matches)
        loss.backward()
        return float(loss.detach())
    with torch.no_grad():
        images = torch.cat([towers.images(part) for part in pictures.split(micro)])
        texts = torch.cat([towers.texts(part) for part in tokens.split(micro)])
    images, texts = (processes.gather(vectors).requires_grad_() for vectors in (images, texts))
    loss = _loss(towers.model, images, texts, matches)
    loss.backward()
    if not processes.is_first:  # every process has the scale's whole gradient: count it once
        for name in ("logit_scale", "logit_bias"):
            parameter = getattr(towers.model, name, None)
            if parameter is not None and parameter.grad is not None:
                parameter.grad.zero_()
    _backward_parts(towers.images, pictures, images.grad[own], micro)  # type: ignore[index]
    _backward_parts(towers.texts, tokens, texts.grad[own], micro)  # type: ignore[index]
    return float(loss.detach())


def _backward_parts(encode: Any, rows: Tensor, gradient: Tensor, micro: int) -> None:
    for part, part_gradient in zip(rows.split(micro), gradient.split(micro), strict=True):
        vectors = encode(part)
        if vectors.requires_grad:  # a frozen tower has no gradient
            vectors.backward(part_gradient)


def _loss(model: Any, images: Tensor, texts: Tensor, matches: Tensor) -> Tensor:
    """Return the loss of pre-training (FLYP: Goyal et al. 2023): InfoNCE, or sigmoid for SigLIP."""
    scale = model.logit_scale.exp()
    bias = getattr(model, "logit_bias", None)
    if bias is not None:
        return losses.sigmoid(images, texts, scale, bias, matches)
    return losses.contrastive(images, texts, scale, matches)


def clamp(model: Any) -> None:
    """Limit the logit scale to 100, as CLIP does."""
    with torch.no_grad():
        model.logit_scale.clamp_(max=math.log(MAX_LOGIT_SCALE))
