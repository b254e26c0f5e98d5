"""The last matrix of each tower: what a head can be merged into, and what frozen towers train."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

Projection = nn.Linear | nn.Parameter


class NoProjection(Exception):  # noqa: N818 - reads as what it is
    """A tower ends without a projection; the message says the mend."""


def of_images(model: Any) -> Projection:
    """Return the last matrix of the image tower. Raises `NoProjection`."""
    visual = model.visual
    pool = getattr(visual, "attnpool", None)
    return _last("image", getattr(visual, "proj", None), getattr(visual, "head", None),
                 getattr(pool, "c_proj", None))  # fmt: skip


def of_texts(model: Any) -> Projection:
    """Return the last matrix of the text tower. Raises `NoProjection`."""
    tower = getattr(model, "text", model)
    return _last("text", getattr(tower, "text_projection", None), getattr(tower, "proj", None))


def _last(tower: str, *candidates: Any) -> Projection:
    for found in candidates:
        if isinstance(found, nn.Linear | nn.Parameter):
            return found
        inside = found.modules() if isinstance(found, nn.Module) else ()
        if linear := [module for module in inside if isinstance(module, nn.Linear)]:
            return linear[-1]
    raise NoProjection(
        f"the {tower} tower of this model ends without a projection, so phase 1 has nothing to "
        "train: give --phases 2"
    )


def matrix(place: Projection) -> Tensor:
    """Return the projection as (dim, width), applied from the left."""
    return place.weight if isinstance(place, nn.Linear) else place.T


@torch.no_grad()
def multiply(place: Projection, change: Tensor) -> None:
    """Let `change` (dim, dim) act on what the projection gives."""
    replace(place, change @ matrix(place))
    if isinstance(place, nn.Linear) and place.bias is not None:
        place.bias.copy_(change @ place.bias)


@torch.no_grad()
def replace(place: Projection, weight: Tensor) -> None:
    """Set the projection to `weight` (dim, width)."""
    if isinstance(place, nn.Linear):
        place.weight.copy_(weight)
    else:
        place.copy_(weight.T)


@contextmanager
def left_out(model: Any) -> Iterator[None]:
    """Let the towers of an open_clip pair of encoders end before their projections meanwhile.

    A projection without a bias takes vectors of any length to the same direction, so it may be
    given unit vectors.
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
