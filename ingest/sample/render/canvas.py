"""A canvas in unit coordinates: x in 0…1, y in 0…aspect; light falls from the upper left."""

from __future__ import annotations

import math
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


def mesh(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates y and x, each (rows, columns) in 0…1."""
    down, across = np.linspace(0, 1, rows), np.linspace(0, 1, columns)
    return np.repeat(down[:, None], columns, 1), np.repeat(across[None, :], rows, 0)


@lru_cache(maxsize=8)
def _shade(form: str) -> Image.Image:
    """A grey tile of light on a form: ball, column, slope (top lit) or side (left lit)."""
    y, x = (2 * axis - 1 for axis in mesh(SHADE_SIZE, SHADE_SIZE))
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


def _shaded(
    form: str, size: tuple[int, int], part: tuple[float, float, float, float]
) -> np.ndarray:
    """Part of a form's shade tile at a size, uint8 (height, width)."""
    tile = _shade(form)
    if max(size) > SHADE_SIZE:
        return np.asarray(tile.resize(size, Image.Resampling.BILINEAR, box=part))
    # Small shapes are most of them, and nearest neighbours cost a fifth of a filter.
    columns = _steps(round(part[0]), round(part[2]) - 1, size[0])
    rows = _steps(round(part[1]), round(part[3]) - 1, size[1])
    return _shade_array(form)[rows[:, None], columns]


@lru_cache(maxsize=4096)
def _steps(first: int, last: int, number: int) -> np.ndarray:
    """`number` whole steps from first to last."""
    return np.linspace(first, max(first, last), number).astype(np.intp)


@lru_cache(maxsize=8)
def _shade_array(form: str) -> np.ndarray:
    return np.asarray(_shade(form))


@lru_cache(maxsize=8)
def _spline(steps: int) -> np.ndarray:
    """Catmull-Rom weights (steps, 4) of the points before, at, after and beyond."""
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    powers = np.concatenate([np.ones_like(t), t, t**2, t**3], 1)
    basis = [[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]]
    return powers @ (0.5 * np.array(basis, float))


def smooth(points: Sequence[Point], steps: int = 6) -> list[Point]:
    """A closed Catmull-Rom curve through the points."""
    number = len(points)
    around = np.array([points[-1], *points, points[0], points[1]], float)
    windows = np.stack([around[k : k + number] for k in range(4)], 1)
    curve = _spline(steps) @ windows
    return [(x, y) for x, y in curve.reshape(-1, 2).tolist()]


def strand(points: Sequence[Point], steps: int = 6) -> list[Point]:
    """An open Catmull-Rom curve from the first point to the last."""
    around = np.array([points[0], *points, points[-1]], float)
    windows = np.stack([around[k : k + len(points) - 1] for k in range(4)], 1)
    curve = (_spline(steps) @ windows).reshape(-1, 2).tolist()
    return [*((x, y) for x, y in curve), points[-1]]


@lru_cache(maxsize=16)
def _circle(steps: int) -> tuple[Point, ...]:
    return tuple(
        (math.cos(k * math.tau / steps), math.sin(k * math.tau / steps)) for k in range(steps)
    )


def oval(x: float, y: float, rx: float, ry: float, steps: int = 28) -> list[Point]:
    """Points of an ellipse."""
    return [(x + rx * cos, y + ry * sin) for cos, sin in _circle(steps)]


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
        self.image.paste(small.resize(self.size, Image.Resampling.BILINEAR))

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
            shade = _shaded(form, box, self._seen(xs, ys))
            mask = Image.new("L", box)
            ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in scaled], fill=255)
            ramp = _ramp(colour, self.manner.flat, contrast)
            self.image.paste(Image.fromarray(ramp[shade]), (left, top), mask)
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

    def ball(  # noqa: PLR0917 (read as a painter's call)
        self, x: float, y: float, rx: float, ry: float, colour: RGB, contrast: float = 1.0
    ) -> None:
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

    def veil(
        self, points: Sequence[Point], colour: RGB, strength: float, blur: float = 0.0
    ) -> None:
        """A translucent polygon: shadows, glows, mist and reflections."""
        s = self.scale
        # A quarter-size mask is enough for anything soft, and four times cheaper.
        part = 4 if blur else 1
        reach = blur * 2.2
        xs, ys = [x for x, _ in points], [y for _, y in points]
        left, top = max(0, int((min(xs) - reach) * s)), max(0, int((min(ys) - reach) * s))
        right = min(self.size[0], int((max(xs) + reach) * s) + 1)
        bottom = min(self.size[1], int((max(ys) + reach) * s) + 1)
        if right <= left or bottom <= top:
            return
        size = (right - left, bottom - top)
        mask = Image.new("L", (max(1, size[0] // part), max(1, size[1] // part)))
        scaled = [((x * s - left) / part, (y * s - top) / part) for x, y in points]
        ImageDraw.Draw(mask).polygon(scaled, fill=round(255 * strength))
        if blur:
            radius = max(1.0, blur * s / part)
            mask = mask.filter(ImageFilter.BoxBlur(radius)).filter(
                ImageFilter.BoxBlur(radius * 0.6)
            )
            mask = mask.resize(size, Image.Resampling.BILINEAR)
        self.image.paste(colour, (left, top, right, bottom), mask)
