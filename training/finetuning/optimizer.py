"""AdamW with a learning rate for each layer."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import torch
from torch import nn

from training.finetuning.config import Recipe

_BLOCK = re.compile(r"(?:resblocks|blocks|layers|layer|stages)\.?(\d+)\.")
# Parameters of two dimensions or more that weight decay would only distort.
_UNDECAYED = ("positional_embedding", "class_embedding", "token_embedding", "pos_embed", "cls")
# Parts after the last block.
_TOP = re.compile(r"(^|\.)(ln_post|proj|attnpool|head|norm|ln_final|text_projection|pooler)\b")


def depth(name: str, blocks: int) -> int:
    """Return the layer of a tower's parameter: 0 for its input, then its blocks, then `blocks` +
    1."""
    if "patch_embed" in name:
        return 0
    if match := _BLOCK.search(name):
        # torchvision's and open_clip's ResNets count from layer1.
        first = 0 if re.search(r"layer\d", name) else 1
        return int(match[1]) + first
    return blocks + 1 if _TOP.search(name) else 0


def towers(model: nn.Module) -> dict[str, dict[str, nn.Parameter]]:
    """Return the parameters of the "image" and the "text" tower, and the "other" ones, by name."""
    by_tower: dict[str, dict[str, nn.Parameter]] = {"image": {}, "text": {}, "other": {}}
    for name, parameter in model.named_parameters():
        if name.startswith("visual."):
            by_tower["image"][name] = parameter
        elif name in ("logit_scale", "logit_bias"):
            by_tower["other"][name] = parameter
        else:
            by_tower["text"][name] = parameter
    return by_tower


def freeze(model: nn.Module, image_blocks: int) -> None:
    """Freeze the image tower except its `image_blocks` upper blocks (-1: freeze nothing)."""
    if image_blocks < 0:
        return
    image = towers(model)["image"]
    blocks = _blocks(image)
    for name, parameter in image.items():
        parameter.requires_grad_(depth(name, blocks) > blocks - image_blocks)


def adamw(model: nn.Module, recipe: Recipe) -> torch.optim.AdamW:
    """Return AdamW over the trainable parameters; each group has its `factor` of the learning rate.

    Norms, biases, embeddings and the logit scale have no weight decay.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = defaultdict(list)
    decays = {"image": recipe.image_decay, "text": recipe.text_decay, "other": 1.0}
    for tower, parameters in towers(model).items():
        blocks = _blocks(parameters)
        for name, parameter in parameters.items():
            if not parameter.requires_grad:
                continue
            factor = decays[tower] ** (blocks + 1 - depth(name, blocks))
            is_undecayed = parameter.ndim < 2 or any(part in name for part in _UNDECAYED)
            groups[factor, 0.0 if is_undecayed else recipe.weight_decay].append(parameter)
    options: list[dict[str, Any]] = [
        {"params": parameters, "weight_decay": decay, "factor": factor}
        for (factor, decay), parameters in groups.items()
    ]
    return torch.optim.AdamW(options, lr=recipe.rate, betas=(0.9, 0.98), eps=1e-6, fused=True)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give each group its share of `rate`."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]


def _blocks(parameters: dict[str, nn.Parameter]) -> int:
    return max((depth(name, -1) for name in parameters), default=0)
