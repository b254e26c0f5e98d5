"""Oil, watercolour and pastel."""

from __future__ import annotations

import math
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ingest.sample.render.noise import field

from .surface import blurred, grained, luminance, sheet, to_array, to_picture, vignette, warped

# Below this width a brush stroke would be thinner than a pixel.
STROKE_WIDTH_MIN = 300


def oil(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Brush strokes along a flowing field, ridges of paint, a varnished edge."""
    width, height = picture.size
    array = warped(to_array(picture), rng, 0.004, "cloud", 1.0)
    if width >= STROKE_WIDTH_MIN:
        array = to_array(_strokes(to_picture(array), rng))
    relief = field("bristle", (width, height), rng, 0.55)
    ridges = np.diff(relief, axis=0, prepend=relief[:1]) * min(1.0, 160 / width + 0.2)
    array = array * (1.0 + (relief - 0.5) * 0.05)[..., None] + (ridges * 36)[..., None]
    grey = luminance(array)[..., None] * 255
    return to_picture(vignette(grey + (array - grey) * 1.1, 0.22))


def _strokes(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Two coats of short lines that take their colour from the drawing."""
    width, height = picture.size
    source = np.asarray(picture)
    # A quarter-size gradient, widened: a long stroke must stop well before an edge.
    small = picture.convert("L").resize((width // 4, height // 4), Image.Resampling.BOX)
    grey = np.asarray(small, np.float32)
    slope_y, slope_x = np.gradient(grey, axis=0), np.gradient(grey, axis=1)
    steep = np.clip(np.hypot(slope_x, slope_y) * 6, 0, 255).astype(np.uint8)
    edge = np.asarray(Image.fromarray(steep).filter(ImageFilter.MaxFilter(5)))
    flow = field("cloud", (width, height), rng, 0.5)
    coat = picture.copy()
    draw = ImageDraw.Draw(coat)
    generator = np.random.default_rng(rng.getrandbits(32))
    for pitch, long, thick in ((0.019, 0.036, 0.012), (0.0125, 0.02, 0.0062)):
        columns, rows = round(1 / pitch), round(height / width / pitch)
        spots = generator.permutation(columns * rows)
        jitter = generator.random((columns * rows, 4))
        for spot, (jx, jy, turn, tone) in zip(spots.tolist(), jitter.tolist(), strict=True):
            x = (spot % columns + jx) * pitch * width
            y = (spot // columns + jy) * pitch * width
            px, py = min(int(x), width - 1), min(int(y), height - 1)
            qx, qy = min(px // 4, small.width - 1), min(py // 4, small.height - 1)
            busy = edge[qy, qx] > 52
            if busy and pitch > 0.015:
                continue
            angle = (flow[py, px] - 0.5) * 5.0 + (turn - 0.5) * 1.0
            if busy:
                angle = math.atan2(slope_x[qy, qx], -slope_y[qy, qx])
            half = long * width * (0.24 if busy else 0.5)
            dx, dy = half * math.cos(angle), half * math.sin(angle)
            shift = (tone - 0.5) * 20
            r, g, b = source[py, px].tolist()
            colour = (
                int(min(255, max(0, r + shift))),
                int(min(255, max(0, g + shift))),
                int(min(255, max(0, b + shift * 0.7))),
            )
            draw.line(
                (x - dx, y - dy, x + dx, y + dy),
                fill=colour,
                width=max(1, round(thick * width * (0.5 if busy else 1))),
            )
    return Image.blend(picture, coat, 0.86)


def watercolour(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Washes on white paper: wobbling edges, dark rims, granulation, a ragged margin."""
    width, height = picture.size
    array = warped(to_array(picture), rng, 0.006, "cloud", 0.9)
    soft = blurred(to_picture(array), 0.007)
    rims = np.clip(soft - array, -60, 60)
    washed = soft * 0.55 + array * 0.45 - np.abs(rims) * 0.5
    paper = np.array([251, 248, 240], np.float32)
    pool = field("cloud", (width, height), rng, 0.6)
    strength = 0.84 + (pool - 0.5) * 0.34
    washed = paper + (washed - paper) * strength[..., None]
    grey = luminance(washed)[..., None] * 255
    washed = grey + (washed - grey) * 1.16 + 4
    washed = sheet(washed, rng, (251, 248, 240), 0.035, 0.05)
    return to_picture(grained(washed, rng, 0.05))


def pastel(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Chalk dragged over toned paper: soft colour, the paper's tooth showing between strokes."""
    width, height = picture.size
    array = (
        to_array(picture) * 0.5 + warped(blurred(picture, 0.005), rng, 0.008, "cloud", 1.0) * 0.5
    )
    grey = luminance(array)[..., None] * 255
    array = np.clip(grey + (array - grey) * 1.18 + 16, 0, 255)
    paper = np.array(rng.choice(((196, 178, 152), (168, 164, 158), (206, 190, 170))), np.float32)
    tooth = field("grain", (width, height), rng, min(1, width / 700 + 0.15))
    drag = field("slant", (width, height), rng, 0.6)
    bare = np.clip((tooth * 0.7 + drag * 0.5 - 0.62) * 2.0, 0, 0.42)[..., None]
    array = array * (1 - bare) + paper * bare
    return to_picture(sheet(array, rng, tuple(paper), 0.022, 0.045))
