"""Abstract compositions: overlapping shapes of one named colour against another."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import math
import random
from itertools import pairwise

import numpy as np

from ingest.sample.scenes import Scene

from .canvas import Canvas, mesh, oval
from .landscape import NUMBER
from .palette import NAMED, RGB, darker, lighter, mix, vary

PLACES = {
    1: ((0.5, 0.5, 0.33),),
    2: ((0.33, 0.4, 0.24), (0.66, 0.6, 0.22)),
    3: ((0.3, 0.32, 0.19), (0.7, 0.38, 0.17), (0.48, 0.7, 0.2)),
    6: ((0.22, 0.24, 0.13), (0.6, 0.2, 0.11), (0.84, 0.4, 0.12), (0.42, 0.5, 0.15),
        (0.2, 0.76, 0.12), (0.72, 0.76, 0.15)),
}  # fmt: skip


def draw(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    """Draw ground, shapes and, where the scene says so, a border."""
    main, ground = vary(NAMED[scene.colour], rng, 6), vary(NAMED[scene.second_colour], rng, 6)
    y, x = mesh(24, 24)
    light = 1.06 - 0.12 * np.hypot(x - 0.4, y - 0.35)
    canvas.background(np.array(ground)[None, None, :] * light[..., None])
    {"stripes": _stripes, "grid": _grid, "waves": _waves}.get(scene.subject, _figures)(
        canvas, scene, rng, main, ground
    )
    if scene.setting == "border":
        a, wide = canvas.aspect, 0.05
        frame = mix(main, ground, 0.0)
        for points in (
            [(0, 0), (1, 0), (1, wide), (0, wide)], [(0, a - wide), (1, a - wide), (1, a + 0.01),
                (0, a + 0.01)],
            [(0, 0), (wide, 0), (wide, a), (0, a)], [(1 - wide, 0), (1.01, 0), (1.01, a),
                (1 - wide, a)],
        ):  # fmt: skip
            canvas.flat(points, frame)


def _figures(canvas: Canvas, scene: Scene, rng: random.Random, main: RGB, ground: RGB) -> None:
    short = min(1.0, canvas.aspect)
    painter = {"circles": _circle, "squares": _square, "triangles": _triangle, "spirals": _spiral}[
        scene.subject
    ]
    for x, y, r in PLACES[NUMBER[scene.count]]:
        cx, cy = x + rng.uniform(-0.04, 0.04), y * canvas.aspect + rng.uniform(-0.03, 0.03)
        painter(canvas, rng, cx, cy, r * short * rng.uniform(0.9, 1.1), vary(main, rng, 8), ground)


def _circle(
    canvas: Canvas, rng: random.Random, x: float, y: float, r: float, main: RGB, ground: RGB
) -> None:
    canvas.solid(oval(x, y, r, r, 48), main, "slope", 0.5)
    if rng.random() < 0.6:
        canvas.solid(
            oval(x, y, r * 0.62, r * 0.62, 40),
            lighter(main, 0.3) if sum(main) < 420 else darker(main, 0.14),
            "slope",
            0.4,
        )
        canvas.solid(oval(x, y, r * 0.28, r * 0.28, 32), main, "slope", 0.4)


def _turned(x: float, y: float, r: float, sides: int, turn: float) -> list[tuple[float, float]]:
    return [
        (
            x + r * math.cos(turn + k * 2 * math.pi / sides),
            y + r * math.sin(turn + k * 2 * math.pi / sides),
        )
        for k in range(sides)
    ]


def _square(
    canvas: Canvas, rng: random.Random, x: float, y: float, r: float, main: RGB, ground: RGB
) -> None:
    turn = math.pi / 4 + rng.uniform(-0.16, 0.16)
    canvas.solid(_turned(x, y, r * 1.2, 4, turn), main, "slope", 0.5)
    if rng.random() < 0.5:
        canvas.solid(
            _turned(x, y, r * 0.66, 4, turn),
            lighter(main, 0.25) if sum(main) < 420 else darker(main, 0.12),
            "slope",
            0.4,
        )


def _triangle(
    canvas: Canvas, rng: random.Random, x: float, y: float, r: float, main: RGB, ground: RGB
) -> None:
    turn = -math.pi / 2 + rng.uniform(-0.25, 0.25)
    points = _turned(x, y + r * 0.2, r * 1.25, 3, turn)
    canvas.solid(points, main, "slope", 0.5)
    canvas.flat(
        [
            points[0],
            ((points[1][0] + points[2][0]) / 2, (points[1][1] + points[2][1]) / 2),
            points[1],
        ],
        darker(main, 0.16),
    )


def _spiral(
    canvas: Canvas, rng: random.Random, x: float, y: float, r: float, main: RGB, ground: RGB
) -> None:
    way = rng.choice((-1, 1))
    turns, start = 3.2, rng.uniform(0, 6.28)
    points = []
    for k in range(110):
        t = k / 109
        angle = start + way * t * turns * 2 * math.pi
        points.append((x + r * 1.15 * t * math.cos(angle), y + r * 1.15 * t * math.sin(angle)))
    canvas.line(points, main, r * 0.17)


def _stripes(canvas: Canvas, scene: Scene, rng: random.Random, main: RGB, ground: RGB) -> None:
    lean, at = rng.choice((0.0, 0.0, 0.35, -0.35)), -0.4
    upright = rng.random() < 0.5
    while at < 1.5:
        wide = rng.uniform(0.05, 0.12)
        tone = vary(main, rng, 12)
        if upright:
            canvas.solid(
                [
                    (at, -0.02),
                    (at + wide, -0.02),
                    (at + wide + lean * 0.6, canvas.aspect + 0.02),
                    (at + lean * 0.6, canvas.aspect + 0.02),
                ],
                tone,
                "side",
                0.4,
            )
        else:
            canvas.solid(
                [(-0.02, at), (1.02, at + lean), (1.02, at + lean + wide), (-0.02, at + wide)],
                tone,
                "slope",
                0.4,
            )
        at += wide + rng.uniform(0.05, 0.1)


def _grid(canvas: Canvas, scene: Scene, rng: random.Random, main: RGB, ground: RGB) -> None:
    aspect = canvas.aspect
    xs = [0.0, *sorted(rng.uniform(0.1, 0.9) for _ in range(4)), 1.0]
    ys = [0.0, *sorted(rng.uniform(0.1, 0.9) * aspect for _ in range(4)), aspect]
    for x0, x1 in pairwise(xs):
        for y0, y1 in pairwise(ys):
            if rng.random() < 0.45:
                canvas.solid(
                    [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], vary(main, rng, 10), "slope", 0.3
                )
    bar = darker(ground, 0.7) if sum(ground) > 240 else lighter(ground, 0.8)
    for x in xs[1:-1]:
        canvas.line([(x, 0), (x, aspect)], bar, 0.016)
    for y in ys[1:-1]:
        canvas.line([(0, y), (1, y)], bar, 0.016)


def _waves(canvas: Canvas, scene: Scene, rng: random.Random, main: RGB, ground: RGB) -> None:
    high, pitch, phase = rng.uniform(0.03, 0.07), rng.uniform(1.5, 3), rng.uniform(0, 6)
    at = -0.05
    while at < canvas.aspect + 0.1:
        wide = rng.uniform(0.035, 0.06)
        line = [
            (k / 40 * 1.04 - 0.02, at + high * math.sin(k / 40 * pitch * 6.28 + phase))
            for k in range(41)
        ]
        canvas.solid(
            [*line, *[(x, y + wide) for x, y in reversed(line)]], vary(main, rng, 8), "slope", 0.4
        )
        at += wide + rng.uniform(0.035, 0.05)
        phase += 0.25
