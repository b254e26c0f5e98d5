"""Houses, churches, castles, bridges, windmills and lighthouses."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import math
import random

from .canvas import Canvas
from .palette import RGB, darker, lighter, lit, mix

SNOW: RGB = (240, 243, 247)


def _rect(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _pane(light: str) -> RGB:
    return (255, 214, 110) if light in ("night", "dusk") else (62, 74, 96)


def house(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    size: float,
    colour: RGB,
    light: str,
    snowy: bool,
) -> None:
    """A cottage in three-quarter view; `size` is the width of its front."""
    half, wall, peak = size * 0.5, size * 0.62, size * 0.5
    side = size * rng.uniform(0.55, 0.8)
    roof = (
        SNOW
        if snowy
        else lit(
            (112, 62, 50)
            if max(colour) - min(colour) < 90 or colour[2] > colour[0]
            else (72, 66, 76),
            light,
        )
    )
    roof = lit(roof, light, 0.6)
    canvas.solid(
        _rect(x + half, base - wall, x + half + side, base), darker(colour, 0.3), "side", 0.6
    )
    canvas.solid(
        [
            (x - half, base),
            (x - half, base - wall),
            (x, base - wall - peak),
            (x + half, base - wall),
            (x + half, base),
        ],
        colour,
        contrast=0.5,
    )
    canvas.solid(
        [
            (x, base - wall - peak),
            (x + side, base - wall - peak),
            (x + half + side + size * 0.05, base - wall + size * 0.04),
            (x + half + size * 0.03, base - wall + size * 0.04),
        ],
        roof,
    )
    canvas.line(
        [
            (x - half - size * 0.06, base - wall + size * 0.06),
            (x, base - wall - peak),
            (x + half + size * 0.04, base - wall + size * 0.05),
        ],
        darker(roof, 0.25),
        size * 0.06,
    )
    chimney = x + side * 0.6
    canvas.solid(
        _rect(
            chimney,
            base - wall - peak - size * 0.2,
            chimney + size * 0.13,
            base - wall - peak + size * 0.1,
        ),
        darker(roof, 0.2) if not snowy else (120, 90, 80),
        "side",
    )
    pane = _pane(light)
    canvas.flat(
        _rect(x - size * 0.09, base - size * 0.36, x + size * 0.1, base), darker(colour, 0.62)
    )
    for dx in (-0.3, 0.3):
        _window(canvas, x + dx * size, base - size * 0.42, size * 0.075, pane)
    _window(canvas, x, base - wall - size * 0.08, size * 0.07, pane)
    for share in (0.3, 0.72):
        _window(canvas, x + half + side * share, base - size * 0.36, size * 0.075, pane)


def _window(canvas: Canvas, x: float, y: float, half: float, pane: RGB) -> None:
    canvas.flat(
        _rect(x - half * 1.25, y - half * 1.5, x + half * 1.25, y + half * 1.5), (240, 234, 220)
    )
    canvas.flat(_rect(x - half, y - half * 1.25, x + half, y + half * 1.25), pane)


def church(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    size: float,
    colour: RGB,
    light: str,
    snowy: bool,
) -> None:
    """A nave, a square tower and a spire with a cross."""
    roof = SNOW if snowy else lit((86, 72, 84), light)
    canvas.solid(
        _rect(x, base - size * 0.5, x + size * 1.1, base), darker(colour, 0.14), "side", 0.6
    )
    canvas.solid(
        [
            (x, base - size * 0.86),
            (x + size, base - size * 0.86),
            (x + size * 1.16, base - size * 0.48),
            (x, base - size * 0.48),
        ],
        roof,
    )
    canvas.solid(_rect(x - size * 0.38, base - size * 1.1, x + size * 0.06, base), colour, "side")
    canvas.solid(
        [
            (x - size * 0.44, base - size * 1.1),
            (x - size * 0.16, base - size * 1.95),
            (x + size * 0.12, base - size * 1.1),
        ],
        roof,
        "side",
    )
    ink = darker(roof, 0.5) if not snowy else (70, 60, 60)
    canvas.line(
        [(x - size * 0.16, base - size * 2.15), (x - size * 0.16, base - size * 1.9)],
        ink,
        size * 0.035,
    )
    canvas.line(
        [(x - size * 0.24, base - size * 2.07), (x - size * 0.08, base - size * 2.07)],
        ink,
        size * 0.035,
    )
    pane = _pane(light)
    for dx in (0.28, 0.55, 0.82):
        canvas.dot(x + size * dx, base - size * 0.32, size * 0.05, pane, size * 0.11)
    canvas.dot(x - size * 0.16, base - size * 0.88, size * 0.08, pane, size * 0.1)
    canvas.flat(
        _rect(x - size * 0.25, base - size * 0.3, x - size * 0.08, base), darker(colour, 0.6)
    )


def castle(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    size: float,
    colour: RGB,
    light: str,
    snowy: bool,
) -> None:
    """Walls with battlements between towers with pointed roofs."""
    roof = SNOW if snowy else lit((74, 78, 108), light)
    for dx, wide, high in ((-0.18, 0.16, 1.5), (0.34, 0.14, 1.28)):
        _tower(
            canvas, x + dx * size, base, wide * size, high * size, darker(colour, 0.12), roof, light
        )
    canvas.solid(
        _rect(x - size * 0.75, base - size * 0.55, x + size * 0.75, base), colour, "slope", 0.7
    )
    for k in range(9):
        left = x - size * 0.75 + k * size * 0.172
        canvas.flat(_rect(left, base - size * 0.65, left + size * 0.1, base - size * 0.54), colour)
    for dx in (-0.78, 0.78):
        _tower(canvas, x + dx * size, base, size * 0.17, size, colour, roof, light)
    canvas.flat(
        [
            (x - size * 0.13, base),
            (x - size * 0.13, base - size * 0.26),
            (x, base - size * 0.38),
            (x + size * 0.13, base - size * 0.26),
            (x + size * 0.13, base),
        ],
        darker(colour, 0.7),
    )


def _tower(
    canvas: Canvas,
    x: float,
    base: float,
    half: float,
    high: float,
    wall: RGB,
    roof: RGB,
    light: str,
) -> None:
    canvas.solid(_rect(x - half, base - high, x + half, base), wall, "column")
    canvas.solid(
        [
            (x - half * 1.25, base - high),
            (x, base - high - half * 2.6),
            (x + half * 1.25, base - high),
        ],
        roof,
        "side",
    )
    for share in (0.8, 0.5):
        canvas.dot(x, base - high * share, half * 0.2, _pane(light), half * 0.36)


def bridge(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    size: float,
    colour: RGB,
    light: str,
    snowy: bool,
) -> None:
    """An arched bridge across the water, seen from the side."""
    rise, deck = size * 0.2, size * 0.07
    span = [k / 20 for k in range(21)]
    arch = [
        (x - size + 2 * size * t, base - rise - rise * 0.9 * math.sin(math.pi * t)) for t in span
    ]
    if rng.random() < 0.5:
        _stone_arches(canvas, arch, base, colour)
    else:
        for t in (0.2, 0.4, 0.6, 0.8):
            px, py = arch[round(t * 20)]
            canvas.solid(
                _rect(px - size * 0.025, py, px + size * 0.025, base + size * 0.04),
                darker(colour, 0.25),
                "column",
            )
        canvas.solid([*arch, *[(px, py + deck) for px, py in reversed(arch)]], colour, contrast=0.6)
    rail = [(px, py - size * 0.1) for px, py in arch]
    for (px, py), (qx, qy) in zip(arch[::2], rail[::2], strict=True):
        canvas.line([(px, py), (qx, qy)], darker(colour, 0.15), size * 0.016)
    canvas.line(rail, SNOW if snowy else lighter(colour, 0.12), size * 0.028)


def _stone_arches(canvas: Canvas, arch: list, base: float, colour: RGB) -> None:
    left, right = arch[0][0], arch[-1][0]
    canvas.solid([*arch, (right, base + 0.02), (left, base + 0.02)], colour, contrast=0.7)
    gap = (right - left) / 3
    for k in range(3):
        cx, half = left + gap * (k + 0.5), gap * 0.36
        top = (base - arch[10][1]) * (0.74 if k == 1 else 0.56)
        hole = [
            (cx + half * math.cos(a / 12 * math.pi), base - top * math.sin(a / 12 * math.pi))
            for a in range(13)
        ]
        canvas.flat(
            [*hole, (cx - half, base + 0.03), (cx + half, base + 0.03)], darker(colour, 0.72)
        )
        canvas.line(hole, lighter(colour, 0.25), gap * 0.03)


def windmill(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    size: float,
    colour: RGB,
    light: str,
    snowy: bool,
) -> None:
    """A tapering mill with a cap and four lattice sails."""
    canvas.solid(
        [
            (x - size * 0.32, base),
            (x - size * 0.19, base - size),
            (x + size * 0.19, base - size),
            (x + size * 0.32, base),
        ],
        colour,
        "column",
    )
    cap = SNOW if snowy else lit((84, 60, 50), light)
    canvas.solid(
        [
            (x - size * 0.23, base - size),
            (x - size * 0.14, base - size * 1.16),
            (x, base - size * 1.24),
            (x + size * 0.14, base - size * 1.16),
            (x + size * 0.23, base - size),
        ],
        cap,
    )
    for y in (0.35, 0.68):
        _window(canvas, x, base - size * y, size * 0.045, _pane(light))
    canvas.flat(
        _rect(x - size * 0.07, base - size * 0.2, x + size * 0.07, base), darker(colour, 0.65)
    )
    turn = rng.uniform(0.15, 1.4)
    spar, cloth = lit((72, 54, 46), light), lit((238, 226, 196), light)
    hub = (x, base - size * 1.06)
    for k in range(4):
        angle = turn + k * math.pi / 2
        ux, uy = math.cos(angle), math.sin(angle)
        tip = (hub[0] + ux * size * 0.82, hub[1] + uy * size * 0.82)
        root = (hub[0] + ux * size * 0.16, hub[1] + uy * size * 0.16)
        off = (-uy * size * 0.15, ux * size * 0.15)
        canvas.solid(
            [root, tip, (tip[0] + off[0], tip[1] + off[1]), (root[0] + off[0], root[1] + off[1])],
            cloth,
            contrast=0.3,
        )
        for t in (0.2, 0.4, 0.6, 0.8):
            a = (root[0] + (tip[0] - root[0]) * t, root[1] + (tip[1] - root[1]) * t)
            canvas.line([a, (a[0] + off[0], a[1] + off[1])], mix(spar, cloth, 0.3), size * 0.012)
        canvas.line([hub, tip], spar, size * 0.035)
    canvas.dot(*hub, size * 0.05, spar)


def lighthouse(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    size: float,
    colour: RGB,
    light: str,
    snowy: bool,
) -> None:
    """A banded tower with a lantern; the lamp shines after dark."""
    other = (246, 242, 232) if min(colour) < 150 else (52, 58, 78)
    if light in ("night", "dusk"):
        for side in (-1, 1):
            canvas.veil(
                [
                    (x, base - size * 1.1),
                    (x + side * 0.5, base - size * 1.28),
                    (x + side * 0.5, base - size * 0.92),
                ],
                (255, 238, 170),
                0.4,
            )
    at = lambda t, s: (x + s * size * (0.17 - 0.065 * t), base - size * t)  # noqa: E731
    canvas.solid([at(0, -1), at(1, -1), at(1, 1), at(0, 1)], colour, "column")
    for low, high in ((0.16, 0.34), (0.54, 0.72)):
        canvas.solid(
            [at(low, -1), at(high, -1), at(high, 1), at(low, 1)],
            lit(other, light, 0.6),
            "column",
            1.0,
            False,
        )
    top = base - size
    canvas.solid(
        _rect(x - size * 0.15, top - size * 0.03, x + size * 0.15, top + size * 0.01),
        (60, 52, 56),
        "side",
    )
    canvas.solid(
        _rect(x - size * 0.08, top - size * 0.17, x + size * 0.08, top - size * 0.03),
        (255, 232, 150),
        "side",
        0.4,
    )
    canvas.solid(
        [
            (x - size * 0.12, top - size * 0.17),
            (x, top - size * 0.3),
            (x + size * 0.12, top - size * 0.17),
        ],
        (150, 44, 40) if colour[0] > 180 and colour[1] < 90 else (64, 56, 62),
        "side",
    )


def haystack(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    size: float,
    colour: RGB,
    light: str,
    snowy: bool,
) -> None:
    """A round stack with a conical thatch."""
    canvas.solid(
        [
            (x - size * 0.46, base),
            (x - size * 0.52, base - size * 0.4),
            (x + size * 0.52, base - size * 0.4),
            (x + size * 0.46, base),
        ],
        colour,
        "column",
    )
    canvas.solid(
        [
            (x - size * 0.6, base - size * 0.36),
            (x - size * 0.3, base - size * 0.72),
            (x, base - size * 0.95),
            (x + size * 0.3, base - size * 0.72),
            (x + size * 0.6, base - size * 0.36),
        ],
        SNOW if snowy else darker(colour, 0.1),
        "ball",
    )
    for _ in range(22):
        sx, sy = rng.uniform(-0.45, 0.45) * size, rng.uniform(0.03, 0.7) * size
        canvas.line(
            [(x + sx, base - sy), (x + sx + size * 0.02, base - sy + size * 0.1)],
            rng.choice((lighter(colour, 0.3), darker(colour, 0.3))),
            size * 0.012,
        )
