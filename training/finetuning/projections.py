"""The last matrix of each tower, into which heads are merged and which frozen towers train."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

Projection = nn.Linear | nn.Parameter


class NoProjectionError(Exception):
    """A tower ends without a projection; the message says what to do."""


def of_images(model: Any) -> Projection:
    """Return the last matrix of the image tower. Raises `NoProjectionError`."""
    visual = model.visual
    pool = getattr(visual, "attnpool", None)
    return _last("image", getattr(visual, "proj", None), getattr(visual, "head", None),
                 getattr(pool, "c_proj", None))  # fmt: skip


def of_texts(model: Any) -> Projection:
    """Return the last matrix of the text tower. Raises `NoProjectionError`."""
    tower = getattr(model, "text", model)
    return _last("text", getattr(tower, "text_projection", None), getattr(tower, "proj", None))


def _last(tower: str, *candidates: Any) -> Projection:
    for candidate in candidates:
        if isinstance(candidate, nn.Linear | nn.Parameter):
            return candidate
        modules = candidate.modules() if isinstance(candidate, nn.Module) else ()
        if linear := [module for module in modules if isinstance(module, nn.Linear)]:
            return linear[-1]
    raise NoProjectionError(
        f"the {tower} tower of this model ends without a projection, so phase 1 cannot train it: "
        "give --phases 2"
    )


def matrix(projection: Projection) -> Tensor:
    """Return the projection as (dim, width), applied from the left."""
    return projection.weight if isinstance(projection, nn.Linear) else projection.T


@torch.no_grad()
def multiply(projection: Projection, change: Tensor) -> None:
    """Multiply the projection from the left by `change` (dim, dim)."""
    replace(projection, change @ matrix(projection))
    if isinstance(projection, nn.Linear) and projection.bias is not None:
        projection.bias.copy_(change @ projection.bias)


@torch.no_grad()
def replace(projection: Projection, weight: Tensor) -> None:
    """Set the projection to `weight` (dim, width)."""
    if isinstance(projection, nn.Linear):
        projection.weight.copy_(weight)
    else:
        projection.copy_(weight.T)


@contextmanager
def removed(model: Any) -> Iterator[None]:
    """Remove the projections of a pair of encoders within the block.

    The towers then return unit vectors, which suits a projection without a bias: it maps vectors
    of any length to the same direction.
    """
    text = model.text
    name = "text_projection" if hasattr(text, "text_projection") else "proj"
    head, projection = model.visual.head, getattr(text, name)
    model.visual.head = nn.Identity()
    setattr(text, name, None if name == "text_projection" else nn.Identity())
    try:
        yield
    finally:
        model.visual.head = head
        setattr(text, name, projection)
