"""Animal pictures: a meadow, wood, snow, room or pond, and the animals in it."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from ingest.sample.scenes import Scene

from . import nature
from .canvas import Canvas, mesh, smooth
from .creatures import creature
from .landscape import NUMBER
from .palette import RGB, darker, lighter, lit, mix, named, vary
from .sky import Air, precipitation, sky

GREY_COAT: RGB = (122, 116, 110)


SIZES = {
    "cat": 0.34, "dog": 0.33, "horse": 0.3, "cow": 0.36, "rabbit": 0.34, "owl": 0.34, "fox": 0.33,
    "elephant": 0.37, "bird": 0.36, "fish": 0.34,
}  # fmt: skip
SLOTS = {
    1: ((0.5, 0.56, 1.0),),
    2: ((0.28, 0.36, 0.64), (0.7, 0.66, 0.72)),
    3: ((0.2, 0.26, 0.48), (0.8, 0.34, 0.5), (0.48, 0.72, 0.6)),
    6: ((0.18, 0.14, 0.36), (0.52, 0.1, 0.34), (0.83, 0.2, 0.36), (0.2, 0.6, 0.4),
        (0.54, 0.52, 0.4), (0.83, 0.74, 0.4)),
}  # fmt: skip


def draw(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    """Draw the surroundings, then the animals, far ones first."""
    if scene.setting == "water":
        _pond(canvas, rng)
        ground = canvas.aspect * 0.12
    elif scene.setting == "room":
        ground = _room(canvas, rng, cushioned=scene.subject not in ("bird", "owl"))
    else:
        ground = _outdoors(canvas, scene, rng)
    _animals(canvas, scene, rng, ground)
    if scene.setting == "snow":
        precipitation(canvas, replace(scene, weather="snow"), rng)


def _animals(canvas: Canvas, scene: Scene, rng: random.Random, ground: float) -> None:
    coat = named(scene.colour, rng) if scene.colour else GREY_COAT
    if scene.colour == "brown":
        coat = vary((136, 90, 56), rng, 8)
    coat = lit(coat, scene.light, 0.45)
    fit = min(1.0, canvas.aspect * 1.05)
    span = canvas.aspect - ground
    number = NUMBER[scene.count]
    perched = scene.subject in ("bird", "owl")
    for place, depth, scale in SLOTS[number]:
        x = place + (rng.uniform(-0.04, 0.04) if number == 1 else 0.0)
        size = SIZES[scene.subject] * (scale if number > 1 else 1.0) * fit
        base = ground + span * (0.25 + 0.7 * depth)
        if number == 1:
            base = canvas.aspect * (0.84 if not perched else 0.76)
            if scene.setting == "water":
                base = canvas.aspect * 0.5 + size * 0.5
        elif perched or scene.setting == "water":
            base = canvas.aspect * (0.3 + 0.62 * depth)
        if perched:
            _branch(canvas, rng, x, base, size, scene.light)
        elif scene.setting != "water":
            nature.shadow(canvas, x + size * 0.1, base, size)
        creature(canvas, rng, scene.subject, x, base, size, vary(coat, rng, 6), rng.choice((-1, 1)))


def _branch(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, light: str
) -> None:
    """A leafy branch that reaches in from the nearer edge to the bird's feet."""
    side = -1 if x < 0.5 else 1
    bark, leaf = lit((98, 72, 54), light, 0.7), lit((84, 122, 66), light, 0.7)
    start, tip = (0.5 + side * 0.54, base + size * 0.3), (x - side * size * 0.8, base - size * 0.1)
    mid = (x, base)
    thick = size * 0.11
    points = [
        (start[0], start[1] - thick),
        (mid[0], mid[1] - thick * 0.35),
        tip,
        (mid[0], mid[1] + thick * 0.6),
        (start[0], start[1] + thick * 0.8),
    ]
    canvas.solid(points, bark, "slope", 0.8)
    for _ in range(7):
        t = rng.uniform(0.05, 1.0)
        lx, ly = start[0] + (tip[0] - start[0]) * t, start[1] + (tip[1] - start[1]) * t
        way = rng.choice((-1, 1))
        tip_x, tip_y = lx - side * size * 0.2, ly + way * size * 0.2
        blade = [
            (lx, ly),
            (lx - side * size * 0.13, ly + way * size * 0.05),
            (tip_x, tip_y),
            (lx - side * size * 0.03, ly + way * size * 0.14),
        ]
        canvas.solid(smooth(blade, 4), vary(leaf, rng, 16))


def _outdoors(canvas: Canvas, scene: Scene, rng: random.Random) -> float:
    aspect = canvas.aspect
    horizon = aspect * rng.uniform(0.36, 0.44)
    air = sky(canvas, scene, rng, horizon)
    snow = scene.setting == "snow"
    grass = lit(
        vary(
            (222, 230, 238)
            if snow
            else rng.choice(((124, 152, 84), (108, 142, 80), (150, 160, 92))),
            rng,
            8,
        ),
        scene.light,
    )
    hill = mix(lit((170, 186, 204) if snow else (104, 136, 108), scene.light), air.haze, 0.4)
    nature.mountains(canvas, rng, horizon + 0.02, aspect * 0.1, hill, air.haze)
    canvas.solid(
        [(-0.02, horizon), (1.02, horizon), (1.02, aspect + 0.02), (-0.02, aspect + 0.02)],
        grass,
        contrast=0.6,
        outlined=False,
    )
    if scene.setting == "forest":
        _wood(canvas, scene, rng, horizon, air)
    nature.tufts(canvas, rng, horizon + 0.1, darker(grass, 0.1), 70 if not snow else 16)
    if scene.setting == "meadow":
        for _ in range(40):
            y = rng.uniform(horizon + 0.06, aspect)
            canvas.dot(
                rng.random(),
                y,
                0.004 + 0.006 * (y - horizon),
                lit(rng.choice(((246, 240, 220), (240, 210, 90), (224, 120, 130))), scene.light),
            )
    return horizon


def _wood(canvas: Canvas, scene: Scene, rng: random.Random, horizon: float, air: Air) -> None:
    leaf, bark = lit((66, 98, 66), scene.light), lit((82, 66, 56), scene.light)
    for row in range(2):
        for k in range(9 - 2 * row):
            x = (k + rng.random()) / (9 - 2 * row)
            wide, low = rng.uniform(0.012, 0.022) * (1 + row), horizon + 0.03 + 0.06 * row
            tone = mix(bark, air.haze, 0.45 - 0.3 * row)
            canvas.solid(
                [
                    (x - wide, -0.02),
                    (x + wide * 0.8, -0.02),
                    (x + wide * 1.3, low),
                    (x - wide * 1.3, low),
                ],
                tone,
                "column",
            )
    for _ in range(46):
        x, y = rng.random(), rng.uniform(-0.02, horizon * 0.5)
        canvas.ball(
            x, y, rng.uniform(0.04, 0.08), rng.uniform(0.03, 0.05), vary(leaf, rng, 16), 0.7
        )


def _room(canvas: Canvas, rng: random.Random, cushioned: bool) -> float:
    aspect = canvas.aspect
    wall = vary(
        rng.choice(((178, 160, 132), (150, 162, 156), (166, 140, 130), (146, 152, 172))), rng, 8
    )
    y, x = mesh(24, 24)
    canvas.background(
        np.array(wall)[None, None, :] * (1.14 - 0.3 * np.hypot(x - 0.3, y - 0.2))[..., None]
    )
    for k in range(14):
        canvas.line([(k / 13, 0), (k / 13, aspect)], darker(wall, 0.1), 0.004)
    floor = aspect * 0.62
    wood = vary((142, 102, 72), rng, 10)
    canvas.solid(
        [(-0.02, floor), (1.02, floor), (1.02, aspect + 0.02), (-0.02, aspect + 0.02)],
        wood,
        outlined=False,
    )
    if not cushioned:
        return floor
    cushion = vary(rng.choice(((92, 108, 128), (126, 84, 92), (96, 112, 88))), rng, 8)
    canvas.ball(0.5, aspect * 0.84, 0.44, 0.1 * min(1.2, aspect), cushion, 0.9)
    return floor - aspect * 0.12


def _pond(canvas: Canvas, rng: random.Random) -> None:
    aspect = canvas.aspect
    deep = vary(rng.choice(((44, 96, 112), (52, 88, 124), (62, 108, 104))), rng, 8)
    y, x = mesh(24, 24)
    canvas.background(np.array(deep)[None, None, :] * (1.35 - 0.5 * y - 0.2 * x)[..., None])
    for _ in range(34):
        cx, cy, long = rng.random(), rng.random() * aspect, rng.uniform(0.04, 0.14)
        canvas.line(
            [
                (cx - long, cy),
                (cx - long / 3, cy - 0.008),
                (cx + long / 3, cy + 0.005),
                (cx + long, cy),
            ],
            mix(lighter(deep, 0.3), deep, rng.random()),
            0.004,
        )
    for k in range(10):
        sx = k * 0.11 + rng.uniform(-0.03, 0.03)
        high = rng.uniform(0.1, 0.32) * aspect
        weed = [
            (sx, aspect + 0.02),
            (sx + 0.02, aspect - high * 0.4),
            (sx - 0.02, aspect - high * 0.7),
            (sx + 0.015, aspect - high),
        ]
        canvas.line(smooth(weed)[:19], (50, 100, 72), 0.012)
    for _ in range(22):
        bubble = rng.uniform(0.004, 0.01)
        canvas.dot(rng.random(), rng.random() * aspect, bubble, lighter(deep, 0.55))
