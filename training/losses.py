"""Contrastive loss between pictures and texts."""

import torch
from torch import Tensor
from torch.nn import functional


def fits(says: Tensor, shows: Tensor) -> Tensor:
    """Tell which texts fit which pictures: (texts, pictures), bool.

    `says` (texts, attributes) and `shows` (pictures, attributes) are bool; a text fits a picture
    that shows all that it says.
    """
    return (says.float() @ (~shows).float().T) == 0


def same_rows(tokens: Tensor) -> Tensor:
    """Tell which rows of (n, length) token ids are equal: (n, n), bool."""
    return (tokens[:, None] == tokens[None]).all(dim=-1)


def contrastive(images: Tensor, texts: Tensor, scale: Tensor, fitting: Tensor) -> Tensor:
    """Return the symmetric InfoNCE loss of n pairs (Radford et al. 2021, figure 3).

    `images` and `texts` are unit vectors (n, dim), `scale` the inverse temperature, `fitting`
    (texts, images) marks pairs that are no true negatives: off the diagonal they are left out.
    """
    logits = scale * texts @ images.T
    own = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    logits = logits.masked_fill(fitting & ~own, float("-inf"))
    target = torch.arange(len(logits), device=logits.device)
    by_text = functional.cross_entropy(logits, target)
    by_image = functional.cross_entropy(logits.T, target)
    return (by_text + by_image) / 2


def ranking(images: Tensor, texts: Tensor, scale: Tensor, fitting: Tensor) -> Tensor:
    """Return how badly `texts` rank `images`: every picture that fits should be on top.

    The mean negative log-likelihood of the fitting pictures ("L out" of Khosla et al. 2020) in a
    softmax over all. `images` (m, dim) and `texts` (n, dim) are unit vectors, `fitting` (n, m)
    bool with at least one True a row.
    """
    likely = (scale * texts @ images.T).log_softmax(dim=1)
    return -((likely * fitting).sum(dim=1) / fitting.sum(dim=1)).mean()


def sigmoid(images: Tensor, texts: Tensor, scale: Tensor, bias: Tensor, fitting: Tensor) -> Tensor:
    """Return the sigmoid loss of n pairs (Zhai et al. 2023), for models trained with it.

    Arguments as of `contrastive`, with the model's `bias`; pairs off the diagonal that fit are
    left out.
    """
    own = torch.eye(len(images), dtype=torch.bool, device=images.device)
    sign = own.float() * 2 - 1
    each = functional.logsigmoid(sign * (scale * texts @ images.T + bias))
    return -each.masked_fill(fitting & ~own, 0.0).sum() / len(images)
