"""Array helpers that the styles share. Pictures are float32 arrays (height, width, 3) in 0…255."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image, ImageFilter

from ingest.sample.render.noise import field

LUMA = np.array([0.30, 0.59, 0.11], np.float32)


def to_array(picture: Image.Image) -> np.ndarray:
    """Picture to float array."""
    return np.asarray(picture, np.float32)


def to_picture(array: np.ndarray) -> Image.Image:
    """Float array to picture, clipped."""
    return Image.fromarray(np.clip(array, 0, 255).astype(np.uint8))


def luminance(array: np.ndarray) -> np.ndarray:
    """Lightness (height, width) in 0…1."""
    return array @ LUMA / 255


def blurred(picture: Image.Image, share: float) -> np.ndarray:
    """The picture softened by a box whose radius is a share of the width."""
    return to_array(picture.filter(ImageFilter.BoxBlur(max(0.4, share * picture.width))))


def warped(
    array: np.ndarray, rng: random.Random, share: float, kind: str = "cloud", zoom: float = 1.0
) -> np.ndarray:
    """Every pixel moved by smooth noise, by at most `share` of the width: edges drawn by hand."""
    height, width = array.shape[:2]
    reach = share * width * 2
    across = field(kind, (width, height), rng, zoom) - 0.5
    down = field(kind, (width, height), rng, zoom) - 0.5
    x = np.clip(
        np.arange(width, dtype=np.float32)[None, :] + across * reach + 0.5, 0, width - 1
    ).astype(np.intp)
    y = np.clip(
        np.arange(height, dtype=np.float32)[:, None] + down * reach + 0.5, 0, height - 1
    ).astype(np.intp)
    return array[y, x]


def sheet(
    array: np.ndarray,
    rng: random.Random,
    paper: tuple[int, int, int],
    margin: float,
    ragged: float = 0.0,
) -> np.ndarray:
    """Lay the picture on paper; margin and raggedness of its edge are shares of the width."""
    height, width = array.shape[:2]
    across, down = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    x = np.minimum(across, across[::-1])[None, :] / width
    y = np.minimum(down, down[::-1])[:, None] / width
    inside = np.minimum(x, y) - margin
    if ragged:
        inside = inside + (field("cloud", (width, height), rng, 0.9) - 0.5) * ragged
    soft = 1.2 / width + ragged * 0.06
    share = np.clip(inside / soft + 0.5, 0, 1)[..., None]
    ground = np.asarray(paper, np.float32)
    return ground + (array - ground) * share


def vignette(array: np.ndarray, strength: float) -> np.ndarray:
    """Darken towards the corners."""
    height, width = array.shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :] ** 2
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] ** 2
    return array * (1 - strength * (x + y) ** 1.5 * 0.36)[..., None]


def grained(
    array: np.ndarray, rng: random.Random, amount: float, kind: str = "grain", zoom: float = 1.0
) -> np.ndarray:
    """Multiply by paper or canvas grain; `amount` is the largest change as a share."""
    height, width = array.shape[:2]
    grain = field(kind, (width, height), rng, min(zoom, width / 700 + 0.2))
    return array * (1 + (grain - 0.5) * 2 * amount)[..., None]
