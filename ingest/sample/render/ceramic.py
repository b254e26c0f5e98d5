"""Ceramics: glazed pots on a studio ground, plain or with painted decoration."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import math
import random

import numpy as np

from ingest.sample.scenes import Scene

from .canvas import Canvas, Point, mesh, oval, smooth, strand
from .landscape import NUMBER
from .objects import bloom, contact
from .objects import teapot as draw_teapot
from .palette import NAMED, RGB, darker, lighter, mix, vary

# Outlines as (half width, height) from foot to lip; heights grow upwards.
PROFILES: dict[str, tuple[tuple[float, float], ...]] = {
    "bowl": ((0.2, 0.0), (0.22, 0.05), (0.42, 0.2), (0.56, 0.4), (0.6, 0.52)),
    "vase": (
        (0.2, 0.0),
        (0.3, 0.12),
        (0.42, 0.42),
        (0.4, 0.7),
        (0.24, 0.94),
        (0.15, 1.12),
        (0.18, 1.28),
        (0.24, 1.34),
    ),
    "jar": (
        (0.26, 0.0),
        (0.34, 0.1),
        (0.48, 0.4),
        (0.5, 0.66),
        (0.36, 0.88),
        (0.24, 0.94),
        (0.24, 1.02),
    ),
    "cup": ((0.2, 0.0), (0.24, 0.06), (0.34, 0.26), (0.38, 0.5), (0.39, 0.62)),
}
BAND = {"bowl": 0.34, "vase": 0.56, "jar": 0.52, "cup": 0.38, "teapot": 0.42}
SIZES = {"bowl": 0.56, "vase": 0.5, "jar": 0.54, "cup": 0.6, "plate": 0.4, "teapot": 0.46}


def draw(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    """Draw the studio, then the pots."""
    glaze = vary(NAMED[scene.colour], rng, 6)
    paint = vary(NAMED[scene.second_colour], rng, 4) if scene.second_colour else glaze
    floor = canvas.aspect * 0.6
    _studio(canvas, rng, glaze, floor)
    if scene.subject == "plate":
        _plate(canvas, scene, rng, glaze, paint)
        return
    number = NUMBER[scene.count]
    fit = min(1.15, max(0.8, canvas.aspect * 0.95)) * {1: 1.0, 2: 0.66, 3: 0.52}[number]
    for k in range(number):
        x = 0.5 + (k - (number - 1) / 2) * (0.45 if number == 2 else 0.31)
        base = canvas.aspect * (0.76 + 0.06 * (k % 2) - (0.06 if number > 1 else 0))
        size = SIZES[scene.subject] * fit * rng.uniform(0.92, 1.0)
        contact(canvas, x, base, size * 0.42)
        if scene.subject == "teapot":
            draw_teapot(canvas, rng, x, base, size, glaze)
        else:
            _pot(canvas, rng, scene.subject, x, base, size, glaze)
        _decorate(canvas, scene, rng, x, base, size, paint)


def _studio(canvas: Canvas, rng: random.Random, glaze: RGB, floor: float) -> None:
    bright = sum(glaze) / 3
    ground = (
        (196, 190, 180) if bright < 120 else (104, 104, 110) if bright > 190 else (206, 202, 196)
    )
    ground = vary(ground, rng, 8)
    y, x = mesh(40, 32)
    light = 1.18 - 0.42 * np.hypot(x - 0.38, y - 0.34)
    edge = 1 - 0.1 / (1 + np.exp((floor / canvas.aspect - y) * 60))
    canvas.background(np.array(ground)[None, None, :] * (light * edge)[..., None])


def _outline(
    profile: tuple[tuple[float, float], ...], x: float, base: float, size: float
) -> list[Point]:
    right = [(x + w * size, base - h * size) for w, h in profile]
    left = [(x - w * size, base - h * size) for w, h in reversed(profile)]
    return [*right, *left]


def _pot(
    canvas: Canvas, rng: random.Random, kind: str, x: float, base: float, size: float, glaze: RGB
) -> None:
    profile = PROFILES[kind]
    if kind == "cup":
        loop = smooth(
            [
                (x + 0.34 * size, base - 0.5 * size),
                (x + 0.66 * size, base - 0.5 * size),
                (x + 0.62 * size, base - 0.18 * size),
                (x + 0.3 * size, base - 0.16 * size),
            ]
        )[:18]
        canvas.line(loop, darker(glaze, 0.18), size * 0.07)
    canvas.solid(_outline(tuple(strand(profile)), x, base, size), glaze, "column", 1.1)
    lip, top = profile[-1]
    canvas.solid(
        oval(x, base - top * size, lip * size, lip * size * 0.2), darker(glaze, 0.5), "slope", 0.8
    )
    rim = oval(x, base - top * size, lip * size, lip * size * 0.2)
    canvas.line([*rim, rim[0]], lighter(glaze, 0.3), size * 0.018)
    foot = profile[0][0]
    canvas.solid(
        [
            (x - foot * size, base),
            (x + foot * size, base),
            (x + foot * size * 0.96, base - size * 0.035),
            (x - foot * size * 0.96, base - size * 0.035),
        ],
        mix(darker(glaze, 0.4), (150, 110, 80), 0.5),
        "column",
    )


def _half_width(kind: str, high: float) -> float:
    """Half width of a pot at a height, both in pot units."""
    if kind == "teapot":
        return 0.52 * math.sqrt(max(0.0, 1 - ((high - 0.44) / 0.45) ** 2))
    curve = strand(PROFILES[kind])
    return 0.97 * float(np.interp(high, [h for _, h in curve], [w for w, _ in curve]))


def _decorate(
    canvas: Canvas, scene: Scene, rng: random.Random, x: float, base: float, size: float, paint: RGB
) -> None:
    kind, band = scene.subject, BAND[scene.subject]
    reach = 0.12 if kind in ("bowl", "cup", "teapot") else 0.2
    if scene.setting == "bands":
        for offset in (-reach, 0.0, reach):
            for high in (band + offset - 0.025, band + offset + 0.012):
                half = _half_width(kind, high) * size
                canvas.line(
                    [
                        (x - half, base - high * size),
                        (x - half * 0.5, base - high * size + half * 0.07),
                        (x + half * 0.5, base - high * size + half * 0.07),
                        (x + half, base - high * size),
                    ],
                    paint,
                    size * 0.034,
                )
    elif scene.setting == "zigzag":
        points = []
        for k in range(15):
            high = band + (reach if k % 2 else -reach) * 0.8
            points.append(
                (
                    x + _half_width(kind, high) * size * 0.93 * math.sin((k / 14 - 0.5) * 2.9),
                    base - high * size,
                )
            )
        canvas.line(points, paint, size * 0.05)
    elif scene.setting == "flowers":
        for k in (-1, 0, 1):
            angle = k * 0.85
            high = band + (0.05 if k else -0.02)
            cx = x + _half_width(kind, high) * size * 0.86 * math.sin(angle)
            bloom(canvas, rng, cx, base - high * size, size * (0.12 if k else 0.15), paint)
    elif scene.setting == "fish":
        _fish(
            canvas,
            x - size * 0.02,
            base - band * size,
            size * (0.25 if reach < 0.2 else 0.28),
            paint,
        )


def _fish(canvas: Canvas, x: float, y: float, size: float, paint: RGB) -> None:
    body = [
        (-1, 0),
        (-0.5, -0.38),
        (0.1, -0.34),
        (0.6, -0.05),
        (1.1, -0.4),
        (0.95, 0.0),
        (1.1, 0.4),
        (0.6, 0.05),
        (0.1, 0.34),
        (-0.5, 0.38),
    ]
    canvas.flat(smooth([(x + px * size, y + py * size) for px, py in body]), paint)
    for k in range(3):
        sx = x + (-0.3 + 0.25 * k) * size
        canvas.line(
            [(sx, y - size * 0.2), (sx + size * 0.08, y), (sx, y + size * 0.2)],
            lighter(paint, 0.5),
            size * 0.05,
        )
    canvas.dot(
        x - size * 0.66,
        y - size * 0.08,
        size * 0.08,
        lighter(paint, 0.7) if sum(paint) < 500 else darker(paint, 0.7),
    )


def _plate(canvas: Canvas, scene: Scene, rng: random.Random, glaze: RGB, paint: RGB) -> None:
    x, y = 0.5, canvas.aspect / 2
    r = 0.4 * min(1.0, canvas.aspect)
    canvas.veil(oval(x + 0.02, y + 0.03, r, r), (24, 20, 26), 0.55, blur=0.025)
    canvas.solid(oval(x, y, r, r, 56), glaze, "slope", 0.8)
    canvas.solid(
        oval(x, y, r * 0.68, r * 0.68, 48),
        lighter(glaze, 0.08) if sum(glaze) < 600 else darker(glaze, 0.06),
        "slope",
        0.5,
    )
    if scene.setting == "bands":
        for share in (0.94, 0.84, 0.6, 0.5):
            ring = oval(x, y, r * share, r * share, 56)
            canvas.line([*ring, ring[0], ring[1]], paint, r * 0.05)
    elif scene.setting == "zigzag":
        ring = [
            (
                x + r * (0.94 if k % 2 else 0.76) * math.cos(k * math.pi / 24),
                y + r * (0.94 if k % 2 else 0.76) * math.sin(k * math.pi / 24),
            )
            for k in range(49)
        ]
        canvas.line(ring, paint, r * 0.045)
        inner = oval(x, y, r * 0.4, r * 0.4, 40)
        canvas.line([*inner, inner[0], inner[1]], paint, r * 0.05)
    elif scene.setting == "flowers":
        bloom(canvas, rng, x, y, r * 0.36, paint)
        for k in range(9):
            angle = k * 2 * math.pi / 9
            bloom(
                canvas,
                rng,
                x + r * 0.84 * math.cos(angle),
                y + r * 0.84 * math.sin(angle),
                r * 0.12,
                paint,
            )
    elif scene.setting == "fish":
        _fish(canvas, x, y, r * 0.46, paint)
        ring = oval(x, y, r * 0.86, r * 0.86, 56)
        canvas.line([*ring, ring[0], ring[1]], paint, r * 0.04)
