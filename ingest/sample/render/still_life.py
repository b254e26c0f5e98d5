"""Still lifes: a lit wall, a table or cloth, and things that overlap and cast shadows."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import random

import numpy as np

from ingest.sample.scenes import Scene

from . import objects
from .canvas import Canvas, mesh, smooth
from .landscape import NUMBER
from .palette import RGB, darker, lighter, mix, named, vary

WALLS: tuple[RGB, ...] = (
    (146, 152, 138), (176, 160, 134), (128, 140, 156), (164, 132, 112), (118, 128, 112), (190, 178,
        152),
)  # fmt: skip


def draw(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    """Draw wall, table, and the group of things."""
    table = canvas.aspect * rng.uniform(0.6, 0.66)
    _wall(canvas, scene, rng)
    _table(canvas, scene, rng, table)
    _group(canvas, scene, rng, table)


def _wall(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    wall = (50, 40, 40) if scene.setting == "dark background" else vary(rng.choice(WALLS), rng, 8)
    if scene.colour in ("green", "blue", "brown") and scene.setting != "dark background":
        wall = mix(wall, (214, 196, 164), 0.5)
    y, x = mesh(32, 32)
    fall = 1.22 - 0.42 * x - 0.3 * y
    canvas.background(np.array(wall)[None, None, :] * fall[..., None])
    if scene.setting == "window":
        _window(canvas, rng)


def _window(canvas: Canvas, rng: random.Random) -> None:
    left, top, right, low = 0.58, 0.05, 0.94, canvas.aspect * 0.5
    frame = (232, 224, 208)
    canvas.solid([(left, top), (right, top), (right, low), (left, low)], frame)
    for k in range(2):
        for j in range(2):
            x0, y0 = left + 0.02 + k * 0.168, top + 0.02 + j * (low - top - 0.02) / 2
            x1, y1 = x0 + 0.15, y0 + (low - top - 0.06) / 2
            canvas.solid([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], (158, 198, 226), outlined=False)
            canvas.flat(
                [(x0, y1), (x0, y1 - 0.03), (x1, y1 - 0.045), (x1, y1)],
                (116, 152, 108) if j else (206, 224, 234),
            )


def _table(canvas: Canvas, scene: Scene, rng: random.Random, table: float) -> None:
    aspect = canvas.aspect
    wood = vary(rng.choice(((116, 78, 52), (92, 64, 50), (150, 110, 74))), rng, 8)
    if scene.colour == "brown":
        wood = (176, 150, 116)
    canvas.solid(
        [(-0.02, table), (1.02, table), (1.02, aspect + 0.02), (-0.02, aspect + 0.02)],
        wood,
        contrast=0.7,
        outlined=False,
    )
    for _ in range(14):
        y = rng.uniform(table + 0.01, aspect)
        x = rng.uniform(-0.2, 0.9)
        canvas.line(
            [(x, y), (x + rng.uniform(0.15, 0.5), y + rng.uniform(-0.004, 0.004))],
            darker(wood, 0.2),
            0.0025,
        )
    canvas.line([(-0.02, table), (1.02, table)], lighter(wood, 0.3), 0.006)
    if scene.setting != "white cloth":
        return
    cloth = (238, 234, 224)
    edge = [
        (-0.02, table + 0.02),
        (0.2, table - 0.012),
        (0.55, table + 0.012),
        (1.02, table - 0.006),
    ]
    low = [(1.02, aspect + 0.02), (-0.02, aspect + 0.02)]
    canvas.solid([*edge, *low], cloth, contrast=0.6)
    for _ in range(8):
        x = rng.uniform(0.02, 0.92)
        fold = [
            (x, table + 0.03),
            (x + rng.uniform(-0.06, 0.06), (table + aspect) / 2),
            (x + rng.uniform(-0.12, 0.12), aspect),
        ]
        canvas.line(
            smooth(fold)[:13],
            rng.choice(((208, 204, 202), (220, 214, 208), (250, 248, 242))),
            0.007,
        )


def _group(canvas: Canvas, scene: Scene, rng: random.Random, table: float) -> None:
    fit = min(1.12, canvas.aspect * 1.15)
    depth = canvas.aspect - table
    if scene.second:
        side = rng.choice((0.2, 0.8))
        _put(
            canvas,
            rng,
            scene.second,
            side,
            table + depth * 0.2,
            fit * 0.88,
            objects.usual(scene.second),
            scene,
        )
    colour = named(scene.colour, rng) if scene.colour else objects.usual(scene.subject)
    for x, share, scale in _places(NUMBER[scene.count], scene.second, rng):
        _put(
            canvas,
            rng,
            scene.subject,
            x,
            table + depth * share,
            fit * scale,
            vary(colour, rng, 8),
            scene,
        )


def _places(number: int, second: str, rng: random.Random) -> list[tuple[float, float, float]]:
    nudge = rng.uniform(-0.04, 0.04)
    if number == 1:
        return [(0.5 + nudge, 0.5, 1.25)]
    if number == 2:
        return [(0.37 + nudge, 0.42, 1.05), (0.64 + nudge, 0.56, 1.1)]
    if number == 3:
        return [(0.28, 0.42, 0.95), (0.72, 0.44, 0.95), (0.5 + nudge, 0.66, 1.05)]
    return [
        (0.2, 0.46, 0.84),
        (0.42, 0.36, 0.84),
        (0.66, 0.4, 0.84),
        (0.84, 0.56, 0.84),
        (0.33, 0.7, 0.9),
        (0.58, 0.74, 0.9),
    ]


def _put(
    canvas: Canvas,
    rng: random.Random,
    name: str,
    x: float,
    base: float,
    scale: float,
    colour: RGB,
    scene: Scene,
) -> None:
    size = objects.SIZES[name] * scale
    objects.contact(canvas, x, base, size * 0.4)
    objects.PAINTERS[name](canvas, rng, x, base, size, colour)
