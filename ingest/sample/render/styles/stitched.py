"""Surfaces of things: woven and embroidered cloth, glazed clay."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

from ingest.sample.render.noise import field

from .surface import grained, to_array, to_picture, vignette, warped


def woven(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Over and under: threads two ways, each a little different in tone."""
    width, height = picture.size
    array = warped(to_array(picture), rng, 0.003, "cloud", 1.0)
    pitch = max(2.0, width / 150)
    x = np.arange(width, dtype=np.float32)[None, :] / pitch
    y = np.arange(height, dtype=np.float32)[:, None] / pitch
    over = (np.floor(x) + np.floor(y)) % 2
    round_x, round_y = np.abs(x % 1 - 0.5) * 2, np.abs(y % 1 - 0.5) * 2
    thread = np.where(over > 0, 1 - round_x**2 * 0.34, 1 - round_y**2 * 0.34) - 0.06 * over
    generator = np.random.default_rng(rng.getrandbits(32))
    weft = generator.normal(0, 0.035, int(y.max()) + 2)[np.floor(y).astype(int)]
    warp = generator.normal(0, 0.03, int(x.max()) + 2)[np.floor(x).astype(int)]
    array = array * (thread * 1.1 + np.where(over > 0, warp, weft))[..., None]
    return to_picture(grained(array, rng, 0.05))


def embroidered(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Slanting satin stitches with a silk sheen, on linen."""
    width, height = picture.size
    array = warped(to_array(picture), rng, 0.005, "bristle", 0.9)
    pitch = max(2.2, width / 190)
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    slant = (x * 0.5 + y * 0.87) / pitch
    row = np.floor(slant)
    along = (x * 0.87 - y * 0.5) / (pitch * 5.5) + np.mod(row, 2) * 0.5 + np.mod(row * 0.37, 1)
    sheen = (
        1.05 - 0.3 * (np.abs(slant % 1 - 0.5) * 2) ** 2 - 0.22 * (np.abs(along % 1 - 0.5) * 2) ** 6
    )
    tone = np.mod(row * 7.31 + np.floor(along) * 3.17, 1) * 0.12 - 0.06
    pile = field("cloud", (width, height), rng, 0.5) * 0.14 - 0.07
    return to_picture(array * (sheen + tone + pile)[..., None])


def glazed(picture: Image.Image, rng: random.Random) -> Image.Image:
    """A studio photograph of glazed clay: faint mottling, soft corners."""
    width, height = picture.size
    mottle = field("cloud", (width, height), rng, 0.35)
    array = to_array(picture) * (1 + (mottle - 0.5) * 0.1)[..., None]
    return to_picture(grained(vignette(array, 0.2), rng, 0.02))
