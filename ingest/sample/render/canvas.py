"""A canvas in unit coordinates: x in 0…1, y in 0…aspect, shapes shaded by a light from the upper left."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .palette import RGB, darker, lighter

Point = tuple[float, float]
SHADE_SIZE = 96


@dataclass(frozen=True)
class Manner:
    """How a style wants its shapes: soft gradients or flat steps, and an outline or none."""

    flat: bool = False
    outline: RGB | None = None
    outline_width: float = 0.0


@lru_cache(maxsize=8)
def _shade(form: str) -> Image.Image:
    """A grey tile of light on a form: ball, column, slope (top lit) or side (left lit)."""
    y, x = np.mgrid[-1 : 1 : SHADE_SIZE * 1j, -1 : 1 : SHADE_SIZE * 1j].astype(np.float32)
    if form == "ball":
        far = np.hypot(x + 0.35, y + 0.4)
        value = 0.97 - 0.52 * far**1.4 + 0.16 * np.exp(-(((x - 0.6) ** 2 + (y - 0.7) ** 2) / 0.12))
    elif form == "column":
        value = 0.85 - 0.55 * np.abs(x + 0.4) ** 1.5 + 0.25 * np.exp(-(((x + 0.45) / 0.16) ** 2))
    elif form == "side":
        value = 0.62 - 0.3 * x
    else:
        value = 0.60 - 0.28 * y - 0.08 * x
    return Image.fromarray((np.clip(value, 0, 1) * 255).astype(np.uint8))


@lru_cache(maxsize=4096)
def _ramp(colour: RGB, flat: bool, contrast: float) -> np.ndarray:
    """Look-up table (256, 3): shadow, the colour itself, light."""
    dark, light = darker(colour, 0.55 * contrast), lighter(colour, 0.42 * contrast)
    if flat:
        levels = np.empty((256, 3), np.uint8)
        levels[:92], levels[92:] = darker(colour, 0.34 * contrast), colour
        return levels
    stops = np.array([0, 150, 255])
    table = np.array([dark, colour, light])
    where = np.arange(256)
    return np.stack([np.interp(where, stops, table[:, k]) for k in range(3)], 1).astype(np.uint8)


def smooth(points: Sequence[Point], steps: int = 6) -> list[Point]:
    """A closed Catmull–Rom curve through the points."""
    p = np.asarray(points, np.float64)
    before, after, later = np.roll(p, 1, 0), np.roll(p, -1, 0), np.roll(p, -2, 0)
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    p, before, after, later = (a[:, None, :] for a in (p, before, after, later))
    curve = 0.5 * (
        2 * p
        + (after - before) * t
        + (2 * before - 5 * p + 4 * after - later) * t**2
        + (3 * p - before - 3 * after + later) * t**3
    )
    return [tuple(point) for point in curve.reshape(-1, 2).tolist()]


def oval(x: float, y: float, rx: float, ry: float, steps: int = 28) -> list[Point]:
    """Points of an ellipse."""
    angle = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return list(zip((x + rx * np.cos(angle)).tolist(), (y + ry * np.sin(angle)).tolist(), strict=True))


class Canvas:
    """An RGB picture under construction, `scale` pixels to the unit width."""

    def __init__(self, pixels: int, aspect: float, manner: Manner, rng: random.Random) -> None:
        self.scale, self.aspect, self.manner, self.rng = pixels, aspect, manner, rng
        self.size = (pixels, max(1, round(pixels * aspect)))
        self.image = Image.new("RGB", self.size, (200, 196, 186))
        self.draw = ImageDraw.Draw(self.image)

    def background(self, array: np.ndarray) -> None:
        """Fill with a small float array (rows, columns, 3) in 0…255, enlarged smoothly."""
        small = Image.fromarray(np.clip(array, 0, 255).astype(np.uint8))
        self.image.paste(small.resize(self.size, Image.Resampling.BICUBIC))

    def flat(self, points: Sequence[Point], colour: RGB) -> None:
        """A plain polygon, never outlined."""
        s = self.scale
        self.draw.polygon([(x * s, y * s) for x, y in points], fill=colour)

    def solid(
        self,
        points: Sequence[Point],
        colour: RGB,
        form: str = "slope",
        contrast: float = 1.0,
        outlined: bool = True,
    ) -> None:
        """A polygon modelled as a form; flat manners give it one hard shadow."""
        s = self.scale
        scaled = [(x * s, y * s) for x, y in points]
        xs, ys = [p[0] for p in scaled], [p[1] for p in scaled]
        left, top = int(max(0, min(xs))), int(max(0, min(ys)))
        right, bottom = int(min(self.size[0], max(xs) + 1)), int(min(self.size[1], max(ys) + 1))
        if right <= left or bottom <= top:
            return
        box = (right - left, bottom - top)
        if box[0] < 5 or box[1] < 5 or (self.manner.flat and form in ("slope", "side")):
            self.draw.polygon(scaled, fill=colour)
        else:
            shade = _shade(form).resize(box, Image.Resampling.BILINEAR, box=self._seen(xs, ys))
            mask = Image.new("L", box)
            ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in scaled], fill=255)
            ramp = _ramp(colour, self.manner.flat, contrast)
            self.image.paste(Image.fromarray(ramp[np.asarray(shade)]), (left, top), mask)
        if outlined:
            self._outline(scaled)

    def _seen(self, xs: list[float], ys: list[float]) -> tuple[float, float, float, float]:
        """The part of the shade tile that lies inside the picture."""
        left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
        wide, high = max(right - left, 1e-6), max(bottom - top, 1e-6)
        x0, x1 = (max(0, left) - left) / wide, (min(self.size[0], right) - left) / wide
        y0, y1 = (max(0, top) - top) / high, (min(self.size[1], bottom) - top) / high
        box = tuple(value * SHADE_SIZE for value in (x0, y0, x1, y1))
        return (box[0], box[1], max(box[2], box[0] + 1), max(box[3], box[1] + 1))

    def _outline(self, scaled: list[Point]) -> None:
        if self.manner.outline is None:
            return
        width = max(1, round(self.manner.outline_width * self.scale))
        self.draw.line([*scaled, scaled[0]], fill=self.manner.outline, width=width, joint="curve")

    def ball(self, x: float, y: float, rx: float, ry: float, colour: RGB, contrast: float = 1.0) -> None:
        """An ellipse modelled as a ball."""
        self.solid(oval(x, y, rx, ry), colour, "ball", contrast)

    def dot(self, x: float, y: float, rx: float, colour: RGB, ry: float | None = None) -> None:
        """A plain ellipse."""
        s, ry = self.scale, rx if ry is None else ry
        self.draw.ellipse(((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s), fill=colour)

    def line(self, points: Sequence[Point], colour: RGB, width: float) -> None:
        """A polyline; `width` in units, at least one pixel."""
        s = self.scale
        self.draw.line(
            [(x * s, y * s) for x, y in points],
            fill=colour,
            width=max(1, round(width * s)),
            joint="curve",
        )

    def veil(self, points: Sequence[Point], colour: RGB, strength: float, blur: float = 0.0) -> None:
        """A translucent polygon: shadows, glows, mist and reflections."""
        s = self.scale
        # A quarter-size mask is enough for anything soft, and four times cheaper.
        part = 4 if blur else 1
        size = (self.size[0] // part + 1, self.size[1] // part + 1)
        mask = Image.new("L", size)
        scaled = [(x * s / part, y * s / part) for x, y in points]
        ImageDraw.Draw(mask).polygon(scaled, fill=round(255 * strength))
        if blur:
            mask = mask.filter(ImageFilter.BoxBlur(max(1, blur * s / part)))
        self.image.paste(colour, (0, 0), mask.resize(self.size) if part > 1 else mask.crop((0, 0, *self.size)))
