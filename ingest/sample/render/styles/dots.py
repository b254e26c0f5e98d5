"""Pointillism and mosaic: a picture rebuilt from dots or tiles on a jittered lattice."""

from __future__ import annotations

import math
import random

import numpy as np
from PIL import Image

from .surface import blurred, luminance, to_array, to_picture, vignette


def _lattice(
    width: int, height: int, pitch: float, turn: float, shift: float
) -> tuple[np.ndarray, ...]:
    """Cell indices and offsets inside the cell (-0.5…0.5) of every pixel, on a turned lattice."""
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    cos, sin = math.cos(turn), math.sin(turn)
    u, v = (
        (x * cos + y * sin) / pitch + shift + 512,
        (y * cos - x * sin) / pitch + shift * 0.7 + 512,
    )
    column, row = np.floor(u), np.floor(v)
    return column.astype(np.int32), row.astype(np.int32), u - column - 0.5, v - row - 0.5


def _scramble(column: np.ndarray, row: np.ndarray, salt: int, table: np.ndarray) -> np.ndarray:
    """A random number 0…1 for each cell, the same for all its pixels."""
    return table.take((column * 73 + row * 151 + salt) & 4095)


def _at_cell_centre(
    array: np.ndarray, dx: np.ndarray, dy: np.ndarray, pitch: float, turn: float
) -> np.ndarray:
    """The colour under the centre of each pixel's cell."""
    height, width = array.shape[:2]
    cos, sin = math.cos(turn), math.sin(turn)
    back_x, back_y = (dx * cos - dy * sin) * pitch, (dx * sin + dy * cos) * pitch
    x = np.clip(np.arange(width, dtype=np.float32)[None, :] - back_x, 0, width - 1).astype(np.intp)
    y = np.clip(np.arange(height, dtype=np.float32)[:, None] - back_y, 0, height - 1).astype(
        np.intp
    )
    return array[y, x]


def pointillism(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Three coats of separate dots, each nudged in hue, over a pale ground."""
    width, height = picture.size
    source = to_array(picture)
    grey = luminance(source)[..., None] * 255
    vivid = np.clip(grey + (source - grey) * 1.35 + 6, 0, 255)
    pitch = max(2.2, width / 92)
    table = np.random.default_rng(rng.getrandbits(32)).random(4096).astype(np.float32)
    result = vivid * 0.55 + np.array([238, 230, 210], np.float32) * 0.45
    for coat in range(3):
        turn = rng.uniform(0, 1.5)
        column, row, dx, dy = _lattice(width, height, pitch, turn, coat * 0.37)
        jx = (_scramble(column, row, 11, table) - 0.5) * 0.34
        jy = (_scramble(column, row, 97, table) - 0.5) * 0.34
        radius = 0.3 + 0.14 * _scramble(column, row, 311, table)
        cover = np.clip((radius - np.hypot(dx - jx, dy - jy)) * pitch + 0.5, 0, 1)[..., None]
        colour = _at_cell_centre(vivid, dx, dy, pitch, turn)
        lift = (_scramble(column, row, 501, table) - 0.5)[..., None]
        swing = (_scramble(column, row, 777, table) - 0.5)[..., None]
        colour = colour + lift * 56 + swing * np.array([46, 4, -46], np.float32)
        result = result * (1 - cover) + colour * cover
    return to_picture(result)


def mosaic(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Small stone tiles set in pale mortar along gently curving rows."""
    width, height = picture.size
    source = to_array(picture)
    grey = luminance(source)[..., None] * 255
    vivid = np.clip(grey + (source - grey) * 1.3, 0, 255)
    pitch = max(2.8, width / 62)
    turn = rng.uniform(-0.12, 0.12)
    table = np.random.default_rng(rng.getrandbits(32)).random(4096).astype(np.float32)
    column, row, dx, dy = _lattice(width, height, pitch, turn, 0.3)
    colour = _at_cell_centre(
        vivid * 0.6 + blurred(to_picture(vivid), 0.004) * 0.4, dx, dy, pitch, turn
    )
    lift = (_scramble(column, row, 501, table) - 0.5)[..., None]
    colour = colour * (1 + lift * 0.26)
    wide = 0.44 + 0.05 * _scramble(column, row, 29, table)
    high = 0.44 + 0.05 * _scramble(column, row, 67, table)
    skew = (_scramble(column, row, 91, table) - 0.5) * 0.16
    inside = np.minimum(wide - np.abs(dx + skew * dy), high - np.abs(dy - skew * dx)) * pitch
    cover = np.clip(inside + 0.4, 0, 1)[..., None]
    bevel = np.clip(-(dx + dy), -0.5, 0.5)[..., None] * 34
    mortar = np.array([206, 198, 184], np.float32) * 0.82
    return to_picture(vignette(mortar * (1 - cover) + (colour + bevel) * cover, 0.12))
