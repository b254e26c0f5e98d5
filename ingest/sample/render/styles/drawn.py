"""Monochrome hands: ink wash, etching and charcoal."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

from ingest.sample.render.noise import field

from .surface import blurred, grained, luminance, sheet, to_array, to_picture, warped


def _inked(tone: np.ndarray, paper: tuple[int, int, int], ink: tuple[int, int, int]) -> np.ndarray:
    """Tone (0 ink … 1 paper) to colour."""
    tone = np.clip(tone, 0, 1)[..., None].astype(np.float32)
    return np.asarray(ink, np.float32) * (1 - tone) + np.asarray(paper, np.float32) * tone


def _levelled(grey: np.ndarray) -> np.ndarray:
    """Lightness stretched so that every sheet has near-whites and darks."""
    low, high = np.percentile(grey[::3, ::3], (2, 96))
    return np.clip((grey - low) / max(0.1, high - low), 0, 1)


def ink_wash(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Wet ink on pale paper: bleeding washes, few darks, edges that fade away."""
    width, height = picture.size
    array = warped(to_array(picture), rng, 0.005, "cloud", 0.8)
    sharp = _levelled(luminance(array))
    bleed = _levelled(luminance(blurred(to_picture(array), 0.02)))
    wash = np.minimum(sharp * 0.8 + bleed * 0.2, bleed + 0.3)
    wash = 0.06 + 0.94 * wash**0.8
    pool = field("cloud", (width, height), rng, 0.6)
    wash = 1 - (1 - wash) * (0.86 + (pool - 0.5) * 0.5)
    colour = _inked(wash, (243, 238, 226), (26, 27, 32))
    colour = sheet(colour, rng, (243, 238, 226), 0.045, 0.09)
    return to_picture(grained(colour, rng, 0.035, "fibre"))


def etching(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Tone built from crossing sets of fine lines, inside a plate mark."""
    width, height = picture.size
    tone = _levelled(luminance(to_array(picture)))
    dark = 1 - tone**0.9
    pitch = max(2.7, width / 170)
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    bend = (field("cloud", (width, height), rng, 0.7) - 0.5) * 5
    ink = np.zeros((height, width), np.float32)
    for angle, start in ((0.72, 0.08), (-0.7, 0.36), (0.05, 0.6)):
        phase = (x * np.float32(np.sin(angle)) + y * np.float32(np.cos(angle))) * np.float32(
            2 * np.pi / pitch
        ) + bend
        depth = np.clip((dark - start) * 1.9, 0, 0.92)
        line = np.clip((np.cos(phase) * 0.5 + 0.5 - 1 + depth) * pitch * 0.5 + 0.06, 0, 1)
        ink = np.maximum(ink, line * (depth > 0.01))
    ink = np.maximum(ink, np.clip((dark - 0.86) * 6, 0, 1))
    bite = field("grain", (width, height), rng, min(1, width / 700 + 0.2))
    ink *= 0.8 + 0.2 * bite
    colour = _inked(1 - ink * 0.93, (240, 231, 210), (34, 28, 26))
    plate = sheet(colour, rng, (222, 212, 190), 0.046)
    return to_picture(grained(sheet(plate, rng, (240, 231, 210), 0.04), rng, 0.03))


def charcoal(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Smudged charcoal on toothed paper, diagonal strokes, bright paper lights."""
    width, height = picture.size
    sharp = _levelled(luminance(warped(to_array(picture), rng, 0.003, "bristle", 0.8)))
    smudge = _levelled(luminance(blurred(picture, 0.012)))
    dark = (1 - (sharp * 0.65 + smudge * 0.35)) ** 1.1
    tooth = field("grain", (width, height), rng, min(1, width / 700 + 0.15))
    drag = field("slant", (width, height), rng, 0.55)
    ink = np.clip(
        dark * 1.25
        + (tooth - 0.5) * 0.55 * (0.3 + dark)
        + (drag - 0.5) * 0.5 * (0.25 + dark)
        - 0.06,
        0,
        1,
    )
    colour = _inked(1 - ink * 0.95, (233, 226, 211), (30, 29, 31))
    return to_picture(sheet(colour, rng, (233, 226, 211), 0.02, 0.06))
