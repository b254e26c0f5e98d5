"""What is kept of a picture beside its bytes: a perceptual hash, its main colours, a placeholder.

All three are of the decoded picture and take a few milliseconds at 400 pixels. The hash is our
own because it is these ten lines, and `imagehash` brings SciPy and PyWavelets for them.
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

COLOURS = 5
SAMPLE = 64  # pixels; the main colours of a picture are those of its thumbnail
ROUNDS = 12
# Colours this near are one colour to the eye (CIE76; 2.3 is just noticeable).
SAME = 8.0
LQIP_BYTES = 400
_BINS = 16  # levels a channel in which equal pixels are counted together
_HASH_SIZE, _DCT_SIZE = 8, 32


Floats = npt.NDArray[np.float64]


class Swatch(TypedDict):
    """One main colour; `lab` is CIELAB, `weight` the share of the picture, from 0 to 1."""

    hex: str
    lab: list[float]
    weight: float


def perceptual_hash(picture: Image.Image) -> int:
    """64 bits as a signed integer, which is how PostgreSQL keeps them.

    pHash (Zauner, 2010): of the cosine transform of a 32 x 32 grey thumbnail the 8 x 8 lowest
    frequencies, each above their median or not. Two scans of one plate differ in few bits; the
    difference of two hashes is `distance`, or in SQL `bit_count((a # b)::bit(64))`.
    """
    grey = picture.convert("L").resize((_DCT_SIZE, _DCT_SIZE), Image.Resampling.LANCZOS)
    cosines = _cosines()
    low = cosines @ np.asarray(grey, dtype=np.float64) @ cosines.T
    # The first is the mean brightness, which says nothing of shapes. Rounded, so that noise of
    # the last digit does not decide about a picture of one colour.
    frequencies = np.round(low.ravel(), 3)
    bits = frequencies > np.median(frequencies[1:])
    bits[0] = False
    return int(np.packbits(bits).view(">i8")[0])


def distance(one: int, other: int) -> int:
    """In how many of their 64 bits two perceptual hashes differ."""
    return ((one ^ other) & (2**64 - 1)).bit_count()


@cache
def _cosines() -> Floats:
    """The lowest 8 rows of the orthonormal 32-point DCT-II."""
    frequency = np.arange(_HASH_SIZE)[:, None]
    angle = math.pi * frequency * (2 * np.arange(_DCT_SIZE) + 1) / (2 * _DCT_SIZE)
    scale = np.where(frequency == 0, math.sqrt(1 / _DCT_SIZE), math.sqrt(2 / _DCT_SIZE))
    return np.asarray(np.cos(angle) * scale)


def palette(picture: Image.Image, count: int = COLOURS) -> list[Swatch]:
    """At most `count` main colours, the largest first; their weights sum to 1.

    k-means in CIELAB over a thumbnail, begun from colours that are common and far apart, so the
    same picture always has the same palette. Colours that hardly differ are counted as one.
    """
    points, weights = _points(picture)
    centres = _begin(points, weights, count)
    for _ in range(ROUNDS):
        nearest = _distances(points, centres).argmin(axis=1)
        moved = _means(points, weights, nearest, centres)
        if np.abs(moved - centres).max() < 0.1:
            break
        centres = moved
    shares = np.bincount(nearest, weights, len(centres)).astype(np.float64)
    return _swatches(*_merged(centres, shares))


def _points(picture: Image.Image) -> tuple[Floats, Floats]:
    """CIELAB of the thumbnail's different colours, (n, 3), and the share of each, (n,)."""
    small = picture.convert("RGB").resize((SAMPLE, SAMPLE), Image.Resampling.BOX)
    pixels = np.asarray(small).reshape(-1, 3)
    levels = (pixels // (256 // _BINS)).astype(np.int64)
    code = (levels[:, 0] * _BINS + levels[:, 1]) * _BINS + levels[:, 2]
    _, index, counts = np.unique(code, return_inverse=True, return_counts=True)
    # The mean of each bin, so that counting together moves no colour.
    sums = np.stack([np.bincount(index, pixels[:, channel]) for channel in range(3)], axis=1)
    means = np.rint(sums / counts[:, None]).astype(np.uint8)
    return colour.lab(means).astype(np.float64), counts / len(pixels)


def _begin(points: Floats, weights: Floats, count: int) -> Floats:
    chosen = [int(weights.argmax())]
    gaps = _distances(points, points[chosen])[:, 0]
    while len(chosen) < count and (weights * gaps).max() > 0:
        chosen.append(int((weights * gaps).argmax()))
        gaps = np.minimum(gaps, _distances(points, points[chosen[-1:]])[:, 0])
    return points[chosen]


def _distances(points: Floats, centres: Floats) -> Floats:
    """Squared distances, (points, centres)."""
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
    occupied = totals > 0  # a centre that has lost all its points stays where it is
    return np.where(occupied[:, None], sums / np.where(occupied, totals, 1)[:, None], centres)


def _merged(centres: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Centres as they are, but each that is `SAME` as a larger one joined to it."""
    order = np.argsort(-shares, kind="stable")
    kept: list[int] = []
    sums = shares.copy()
    for i in (int(i) for i in order if shares[i] > 0):
        near = [k for k in kept if np.linalg.norm(centres[i] - centres[k]) < SAME]
        if near:
            sums[near[0]] += shares[i]
        else:
            kept.append(i)
    return centres[kept], sums[kept]


def _swatches(centres: Floats, shares: Floats) -> list[Swatch]:
    weights = np.round(shares, 4)
    weights[0] += 1 - weights.sum()
    found: list[Swatch] = [
        {
            "hex": "#" + bytes(channels).hex(),
            "lab": [round(float(value), 1) for value in centre],
            "weight": round(float(weight), 4),
        }
        for centre, channels, weight in zip(
            centres, colour.rgb(centres.astype(np.float32)), weights, strict=True
        )
    ]
    return sorted(found, key=lambda swatch: -swatch["weight"])


def lqip(picture: Image.Image) -> str:
    """A data URI of at most `LQIP_BYTES` characters: the picture 16 pixels wide or high.

    WebP, because a JPEG of any size has 600 bytes of tables; AIC's own are GIFs of 5 pixels.
    """
    small = picture.convert("RGB")
    small.thumbnail((16, 16), Image.Resampling.BOX, reducing_gap=None)
    for quality in (40, 20, 1):
        buffer = io.BytesIO()
        small.save(buffer, "WEBP", quality=quality, method=4)
        uri = "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
        if len(uri) <= LQIP_BYTES:
            return uri
    return lqip(small.resize((4, 4)))
