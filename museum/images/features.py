"""Compute what is stored beside a picture: a perceptual hash, its main colours, a placeholder.

All three come from the decoded picture and take a few milliseconds at 400 pixels. The hash is ten
lines here; the library `imagehash` would bring SciPy and PyWavelets for them.
"""

import base64
import io
import math
from functools import cache
from typing import TypedDict

import numpy as np
import numpy.typing as npt
from PIL import Image

from museum.core import colour

PALETTE_SIZE = 5
THUMBNAIL_SIDE = 64  # pixels; the palette is computed from a thumbnail
MAX_ITERATIONS = 12  # of k-means
# Two colours at this distance look like one colour (CIE76; 2.3 is just noticeable).
MERGE_DISTANCE = 8.0
MAX_LQIP_CHARS = 400
_LEVELS = 16  # of a channel, in which similar pixels are counted together
_HASH_SIZE, _DCT_SIZE = 8, 32
Floats = npt.NDArray[np.float64]


class Swatch(TypedDict):
    """One main colour: `lab` is CIELAB, `weight` its share of the picture, 0 to 1."""

    hex: str
    lab: list[float]
    weight: float


def perceptual_hash(picture: Image.Image) -> int:
    """Return the perceptual hash: 64 bits as a signed integer, as PostgreSQL stores it.

    A bit says whether one of the 8 x 8 lowest frequencies of the cosine transform of a 32 x 32 grey
    thumbnail is above their median. Two scans of one plate differ in few bits; `distance` counts
    them, and in SQL `bit_count((a # b)::bit(64))`. Source: pHash (Zauner, 2010).
    """
    grey = picture.convert("L").resize((_DCT_SIZE, _DCT_SIZE), Image.Resampling.LANCZOS)
    cosines = _cosines()
    low = cosines @ np.asarray(grey, dtype=np.float64) @ cosines.T
    # Rounded, so that floating-point noise does not decide the bits of a picture of one colour. The
    # first frequency is the mean brightness, which says nothing about shapes.
    frequencies = np.round(low.ravel(), 3)
    bits = frequencies > np.median(frequencies[1:])
    bits[0] = False
    return int(np.packbits(bits).view(">i8")[0])


def distance(one: int, other: int) -> int:
    """Return in how many of their 64 bits two perceptual hashes differ."""
    return ((one ^ other) & (2**64 - 1)).bit_count()


@cache
def _cosines() -> Floats:
    """Return the lowest 8 rows of the orthonormal 32-point DCT-II, (8, 32)."""
    frequency = np.arange(_HASH_SIZE)[:, None]
    angle = math.pi * frequency * (2 * np.arange(_DCT_SIZE) + 1) / (2 * _DCT_SIZE)
    scale = np.where(frequency == 0, math.sqrt(1 / _DCT_SIZE), math.sqrt(2 / _DCT_SIZE))
    return np.asarray(np.cos(angle) * scale)


def palette(picture: Image.Image, count: int = PALETTE_SIZE) -> list[Swatch]:
    """Return at most `count` main colours, the largest first; their weights sum to 1.

    k-means in CIELAB over a thumbnail. It starts from colours that are common and far apart, so the
    same picture always has the same palette. Colours that look the same are merged.
    """
    points, weights = _points(picture)
    centres = _initial_centres(points, weights, count)
    for _ in range(MAX_ITERATIONS):
        nearest = _distances(points, centres).argmin(axis=1)
        moved = _means(points, weights, nearest, centres)
        if np.abs(moved - centres).max() < 0.1:
            break
        centres = moved
    shares = np.bincount(nearest, weights, len(centres)).astype(np.float64)
    return _swatches(*_merged(centres, shares))


def _points(picture: Image.Image) -> tuple[Floats, Floats]:
    """Return the distinct colours of the thumbnail in CIELAB, (n, 3), and their shares, (n,)."""
    small = picture.convert("RGB").resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BOX)
    pixels = np.asarray(small).reshape(-1, 3)
    levels = (pixels // (256 // _LEVELS)).astype(np.int64)
    code = (levels[:, 0] * _LEVELS + levels[:, 1]) * _LEVELS + levels[:, 2]
    _, index, counts = np.unique(code, return_inverse=True, return_counts=True)
    # The mean of the pixels counted together, so that no colour is shifted.
    sums = np.stack([np.bincount(index, pixels[:, channel]) for channel in range(3)], axis=1)
    means = np.rint(sums / counts[:, None]).astype(np.uint8)
    return colour.lab(means).astype(np.float64), counts / len(pixels)


def _initial_centres(points: Floats, weights: Floats, count: int) -> Floats:
    indices = [int(weights.argmax())]
    gaps = _distances(points, points[indices])[:, 0]
    while len(indices) < count and (weights * gaps).max() > 0:
        indices.append(int((weights * gaps).argmax()))
        gaps = np.minimum(gaps, _distances(points, points[indices[-1:]])[:, 0])
    return points[indices]


def _distances(points: Floats, centres: Floats) -> Floats:
    """Return squared distances, (points, centres)."""
    products = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * points @ centres.T
    return np.maximum(products, 0)


def _means(
    points: Floats,
    weights: Floats,
    nearest: npt.NDArray[np.intp],
    centres: Floats,
) -> Floats:
    members = (nearest[:, None] == np.arange(len(centres))) * weights[:, None]
    sums = members.T @ points
    totals = members.sum(axis=0)
    occupied = totals > 0  # a centre without points stays where it is
    return np.where(occupied[:, None], sums / np.where(occupied, totals, 1)[:, None], centres)


def _merged(centres: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Merge each centre into a larger one within `MERGE_DISTANCE`; return centres and shares."""
    order = np.argsort(-shares, kind="stable")
    survivors: list[int] = []
    sums = shares.copy()
    for i in (int(i) for i in order if shares[i] > 0):
        near = [k for k in survivors if np.linalg.norm(centres[i] - centres[k]) < MERGE_DISTANCE]
        if near:
            sums[near[0]] += shares[i]
        else:
            survivors.append(i)
    return centres[survivors], sums[survivors]


def _swatches(centres: Floats, shares: Floats) -> list[Swatch]:
    weights = np.round(shares, 4)
    weights[0] += 1 - weights.sum()
    swatches: list[Swatch] = [
        {
            "hex": "#" + bytes(channels).hex(),
            "lab": [round(float(value), 1) for value in centre],
            "weight": round(float(weight), 4),
        }
        for centre, channels, weight in zip(
            centres, colour.rgb(centres.astype(np.float32)), weights, strict=True
        )
    ]
    return sorted(swatches, key=lambda swatch: -swatch["weight"])


def lqip(picture: Image.Image) -> str:
    """Return a placeholder, 16 pixels wide or high, as a data URI of at most `MAX_LQIP_CHARS`.

    WebP, because the tables of any JPEG take 600 bytes; AIC's own are GIFs of 5 pixels.
    """
    small = picture.convert("RGB")
    small.thumbnail((16, 16), Image.Resampling.BOX, reducing_gap=None)
    for quality in (40, 20, 1):
        buffer = io.BytesIO()
        small.save(buffer, "WEBP", quality=quality, method=4)
        uri = "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
        if len(uri) <= MAX_LQIP_CHARS:
            return uri
    return lqip(small.resize((4, 4)))
