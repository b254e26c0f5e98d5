"""Noise fields: one seeded tile a kind, cropped in units so that every size looks alike."""

from __future__ import annotations

import math
import random
from functools import lru_cache

import numpy as np
from PIL import Image

TILE = 768


@lru_cache(maxsize=8)
def _tile(kind: str) -> Image.Image:
    """One grey tile of a kind: cloud, sky, grain, fibre, bristle or slant."""
    generator = np.random.default_rng(sum(map(ord, kind)))
    octaves = {
        "cloud": [((4, 6), 1.0), ((10, 14), 0.5), ((28, 36), 0.25), ((80, 90), 0.12)],
        "grain": [((768, 768), 1.0), ((384, 384), 0.8), ((150, 150), 0.5)],
        "fibre": [((300, 12), 1.0), ((120, 5), 0.6), ((40, 3), 0.5)],
        "bristle": [((384, 60), 1.0), ((200, 24), 0.8), ((60, 14), 0.6)],
        "sky": [((16, 5), 1.0), ((36, 12), 0.6), ((84, 30), 0.35), ((170, 70), 0.2)],
        "slant": [((420, 40), 1.0), ((200, 16), 0.8)],
    }[kind]
    total = np.zeros((TILE, TILE), np.float32)
    for (rows, columns), weight in octaves:
        coarse = Image.fromarray(generator.random((rows, columns), dtype=np.float32))
        total += weight * np.asarray(coarse.resize((TILE, TILE), Image.Resampling.BICUBIC))
    if kind == "slant":  # strokes that fall from right to left, as a right hand draws them
        total = total[(np.arange(TILE)[:, None] + np.arange(TILE)[None, :]) % TILE, np.arange(TILE)]
    low, high = np.quantile(total, (0.002, 0.998))
    return Image.fromarray((np.clip((total - low) / (high - low), 0, 1) * 255).astype(np.uint8))


@lru_cache(maxsize=32)
def _reduced(kind: str, halvings: int) -> Image.Image:
    """The tile at a smaller size, so that small pictures need not filter all of it."""
    tile = _tile(kind)
    return tile if halvings == 0 else tile.reduce(2**halvings)


def field(
    kind: str, size: tuple[int, int], rng: random.Random, zoom: float = 1.0, stretch: float = 1.0
) -> np.ndarray:
    """A float32 field (height, width) in 0…1; `zoom` is the share of the tile that is shown."""
    width, height = size
    across = TILE * min(1.0, zoom)
    down = min(TILE, across * height / width * stretch)
    left, top = rng.random() * (TILE - across), rng.random() * (TILE - down)
    halvings = max(0, min(4, int(math.log2(max(1.0, across / width)))))
    share = 2.0**-halvings
    box = tuple(value * share for value in (left, top, left + across, top + down))
    tile = _reduced(kind, halvings)
    picture = tile.resize(size, Image.Resampling.BILINEAR, box=(box[0], box[1], box[2], box[3]))
    return np.asarray(picture, np.float32) / np.float32(255)


def ridge(  # noqa: PLR0917 (read as a painter's call)
    rng: random.Random, left: float, right: float, base: float, rise: float, rough: float
) -> list[tuple[float, float]]:
    """Points of a ridge line from left to right, `rise` high above `base` (y grows downwards)."""
    steps = 36
    waves = [
        (rng.uniform(0.6, 1.4) * 2**octave, rng.uniform(0, 6.28), rough**octave)
        for octave in range(5)
    ]
    x = np.linspace(0, 1, steps)
    total = sum(weight * np.sin(x * 6.28 * pitch + phase) for pitch, phase, weight in waves)
    total = (total - total.min()) / (np.ptp(total) or 1)
    return list(
        zip((left + (right - left) * x).tolist(), (base - rise * total).tolist(), strict=True)
    )
