"""Contrastive losses between pictures and texts."""

import torch
from torch import Tensor
from torch.nn import functional


def matching(text_attributes: Tensor, picture_attributes: Tensor) -> Tensor:
    """Return which texts match which pictures: (texts, pictures), bool.

    Both arguments are bool, (texts, attributes) and (pictures, attributes); a text matches a
    picture that has all of its attributes.
    """
    return (text_attributes.float() @ (~picture_attributes).float().T) == 0


def equal_rows(tokens: Tensor) -> Tensor:
    """Return which rows of (n, length) token ids are equal: (n, n), bool."""
    return (tokens[:, None] == tokens[None]).all(dim=-1)


def contrastive(images: Tensor, texts: Tensor, scale: Tensor, matches: Tensor) -> Tensor:
    """Return the symmetric InfoNCE loss of n pairs (Radford et al. 2021, figure 3).

    `images` and `texts` are unit vectors (n, dim), `scale` the inverse temperature. `matches`
    (texts, images) marks pairs that are not negatives: off the diagonal they are left out.
    """
    logits = scale * texts @ images.T
    own = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    logits = logits.masked_fill(matches & ~own, float("-inf"))
    target = torch.arange(len(logits), device=logits.device)
    by_text = functional.cross_entropy(logits, target)
    by_image = functional.cross_entropy(logits.T, target)
    return (by_text + by_image) / 2


def ranking(images: Tensor, texts: Tensor, scale: Tensor, matches: Tensor) -> Tensor:
    """Return the loss of ranking `images` by `texts`, least if all matching pictures come first.

    It is the mean negative log-likelihood of the matching pictures ("L out" of Khosla et al. 2020)
    in a softmax over all. `images` (m, dim) and `texts` (n, dim) are unit vectors, `matches` (n, m)
    bool with at least one True a row.
    """
    likely = (scale * texts @ images.T).log_softmax(dim=1)
    return -((likely * matches).sum(dim=1) / matches.sum(dim=1)).mean()


def sigmoid(images: Tensor, texts: Tensor, scale: Tensor, bias: Tensor, matches: Tensor) -> Tensor:
    """Return the sigmoid loss of n pairs (Zhai et al. 2023), for models trained with it.

    The arguments are those of `contrastive` and the model's `bias`; matching pairs off the diagonal
    are left out.
    """
    own = torch.eye(len(images), dtype=torch.bool, device=images.device)
    sign = own.float() * 2 - 1
    each = functional.logsigmoid(sign * (scale * texts @ images.T + bias))
    return -each.masked_fill(matches & ~own, 0.0).sum() / len(images)
