"""Boats and ships seen from the side; `flip` is 1 or -1, `aboard` puts people in them."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import random

from .canvas import Canvas
from .palette import RGB, darker, lighter, lit, mix

WHITE: RGB = (244, 238, 222)


def reflection(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB, sea: RGB
) -> None:
    """Broken strokes of the boat's colour below its water line."""
    for k in range(9):
        y = base + size * (0.03 + 0.05 * k)
        half = size * (0.42 - 0.034 * k) * rng.uniform(0.6, 1)
        shift = rng.uniform(-0.06, 0.06) * size
        tone = mix(darker(colour, 0.15), sea, 0.25 + 0.07 * k)
        canvas.line([(x - half + shift, y), (x + half + shift, y)], tone, size * 0.028)


def _hull(
    canvas: Canvas, x: float, base: float, half: float, deep: float, colour: RGB, flip: int
) -> None:
    points = [
        (-half, -deep),
        (half * 1.12, -deep * 1.25),
        (half * 0.74, deep * 0.25),
        (-half * 0.78, deep * 0.25),
    ]
    canvas.solid([(x + flip * px, base + py) for px, py in points], colour, contrast=1.1)
    trim = [
        (-half, -deep),
        (half * 1.12, -deep * 1.25),
        (half * 1.06, -deep * 0.98),
        (-half * 0.97, -deep * 0.74),
    ]
    canvas.flat(
        [(x + flip * px, base + py) for px, py in trim],
        lighter(colour, 0.55) if sum(colour) < 500 else darker(colour, 0.45),
    )


def _crew(
    canvas: Canvas, rng: random.Random, x: float, base: float, high: float, light: str
) -> None:
    coat = lit(rng.choice(((58, 66, 96), (120, 88, 62), (52, 46, 50))), light, 0.7)
    canvas.solid(
        [
            (x - high * 0.2, base),
            (x - high * 0.15, base - high * 0.62),
            (x + high * 0.15, base - high * 0.62),
            (x + high * 0.22, base),
        ],
        coat,
    )
    canvas.dot(x, base - high * 0.78, high * 0.16, lit((232, 190, 160), light, 0.6))
    canvas.dot(x, base - high * 0.88, high * 0.2, lit((226, 196, 120), light, 0.6), high * 0.07)


def sailboat(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    size: float,
    colour: RGB,
    light: str,
    flip: int,
    aboard: bool,
) -> None:
    """A small boat with a mainsail and a jib of its own colour."""
    mast = lit((86, 62, 44), light)
    _hull(canvas, x, base, size * 0.4, size * 0.11, darker(colour, 0.12), flip)
    if aboard:
        _crew(canvas, rng, x - flip * size * 0.24, base - size * 0.08, size * 0.27, light)
    top = base - size * 1.08
    canvas.line([(x, base - size * 0.1), (x, top)], mast, size * 0.028)
    main = [(0.03, -1.04), (0.16, -0.72), (0.36, -0.4), (0.42, -0.2), (0.03, -0.17)]
    jib = [(-0.04, -0.98), (-0.04, -0.18), (-0.4, -0.15), (-0.24, -0.5)]
    canvas.solid([(x - flip * px * size, base + py * size) for px, py in main], colour, "side", 0.9)
    canvas.solid(
        [(x - flip * px * size, base + py * size) for px, py in jib],
        lighter(colour, 0.2),
        "side",
        0.9,
    )
    for share in (0.34, 0.6, 0.8):
        canvas.line(
            [
                (x - flip * 0.03 * size, base - size * (1.04 - 0.87 * share)),
                (x - flip * 0.4 * share * size, base - size * (1.0 - 0.8 * share)),
            ],
            darker(colour, 0.22),
            size * 0.012,
        )


def rowboat(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    size: float,
    colour: RGB,
    light: str,
    flip: int,
    aboard: bool,
) -> None:
    """An open boat with thwarts and oars."""
    deep = size * 0.17
    rim = [
        (x - size * 0.5, base - deep * 1.1),
        (x - size * 0.2, base - deep * 0.86),
        (x + size * 0.2, base - deep * 0.86),
        (x + size * 0.5, base - deep * 1.2),
        (x + size * 0.2, base - deep * 1.32),
        (x - size * 0.2, base - deep * 1.3),
    ]
    canvas.solid(rim, darker(colour, 0.6))
    if aboard:
        _crew(canvas, rng, x - size * 0.06, base - deep * 0.9, size * 0.42, light)
        if rng.random() < 0.5:
            _crew(canvas, rng, x + size * 0.22, base - deep * 0.9, size * 0.4, light)
    body = [
        (x - size * 0.5, base - deep * 1.15),
        (x - size * 0.2, base - deep * 0.82),
        (x + size * 0.2, base - deep * 0.82),
        (x + size * 0.5, base - deep * 1.25),
        (x + size * 0.4, base - deep * 0.1),
        (x + size * 0.26, base + deep * 0.2),
        (x - size * 0.28, base + deep * 0.2),
        (x - size * 0.4, base - deep * 0.1),
    ]
    canvas.solid(body, colour, contrast=1.2)
    for share in (0.35, 0.7):
        canvas.line(
            [
                (x - size * 0.43, base - deep * (1 - share) * 0.9),
                (x, base - deep * (0.75 - share)),
                (x + size * 0.43, base - deep * (1 - share) * 0.95),
            ],
            darker(colour, 0.3),
            size * 0.012,
        )
    oar = lit((190, 150, 100), light)
    canvas.line(
        [(x + flip * size * 0.02, base - deep * 1.25), (x + flip * size * 0.46, base + deep * 0.5)],
        oar,
        size * 0.022,
    )


def steamship(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    size: float,
    colour: RGB,
    light: str,
    flip: int,
    aboard: bool,
) -> None:
    """A steamer with a white deckhouse, funnels and smoke."""
    at = lambda px, py: (x + flip * px * size, base + py * size)  # noqa: E731
    for k in range(9):
        px, py = -0.02 - 0.075 * k, -0.62 - 0.02 * k - rng.uniform(0, 0.03)
        grey = lit((150 - 5 * k, 148 - 5 * k, 152 - 4 * k), light)
        canvas.ball(*at(px, py), size * (0.045 + 0.009 * k), size * (0.035 + 0.006 * k), grey, 0.5)
    canvas.line([at(0.34, -0.2), at(0.34, -0.62)], lit((70, 56, 48), light), size * 0.014)
    canvas.solid(
        [at(-0.3, -0.14), at(0.3, -0.14), at(0.26, -0.27), at(-0.28, -0.27)], lit(WHITE, light, 0.7)
    )
    canvas.solid(
        [at(-0.16, -0.27), at(0.2, -0.27), at(0.18, -0.35), at(-0.14, -0.35)],
        lit(WHITE, light, 0.7),
    )
    for px in (-0.08, 0.07):
        canvas.solid(
            [
                at(px - 0.035, -0.34),
                at(px + 0.035, -0.34),
                at(px + 0.025, -0.58),
                at(px - 0.045, -0.58),
            ],
            colour,
            "column",
        )
    _hull(canvas, x, base, size * 0.47, size * 0.15, colour, flip)
    glow = (255, 220, 130) if light in ("night", "dusk") else (54, 60, 76)
    for k in range(8):
        canvas.dot(*at(-0.24 + 0.065 * k, -0.2), size * 0.013, glow)


def tall_ship(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    size: float,
    colour: RGB,
    light: str,
    flip: int,
    aboard: bool,
) -> None:
    """A square-rigged ship: three masts of cream sails over a hull of the named colour."""
    at = lambda px, py: (x + flip * px * size, base + py * size)  # noqa: E731
    wood, sail = lit((84, 58, 42), light), lit((240, 228, 198), light)
    canvas.line([at(0.44, -0.2), at(0.74, -0.36)], wood, size * 0.02)
    for px, high in ((-0.3, 1.0), (0.02, 1.22), (0.32, 1.05)):
        canvas.line([at(px, -0.15), at(px, -high)], wood, size * 0.024)
        rows = 3
        for k in range(rows):
            top, low = (
                -high + 0.06 + (high - 0.28) * k / rows,
                -high + 0.03 + (high - 0.28) * (k + 1) / rows,
            )
            wide = 0.085 + 0.022 * k
            belly = 0.03
            points = [
                at(px - wide * 0.86, top),
                at(px + wide * 0.86, top),
                at(px + wide + belly, (top + low) / 2),
                at(px + wide, low),
                at(px, low - 0.025),
                at(px - wide, low),
                at(px - wide + belly, (top + low) / 2),
            ]
            canvas.solid(points, sail, "side", 0.7)
    canvas.solid([at(0.42, -0.24), at(0.66, -0.34), at(0.36, -0.86)], sail, "side", 0.5)
    canvas.solid(
        [
            at(-0.46, -0.3),
            at(-0.3, -0.2),
            at(0.3, -0.19),
            at(0.5, -0.25),
            at(0.4, 0.03),
            at(-0.4, 0.03),
        ],
        colour,
        contrast=1.1,
    )
    canvas.line(
        [at(-0.42, -0.14), at(0.43, -0.14)],
        lighter(colour, 0.6) if sum(colour) < 450 else darker(colour, 0.4),
        size * 0.024,
    )
    canvas.line(
        [at(0.02, -1.22), at(0.02, -1.3), at(-0.12, -1.27), at(0.02, -1.22)],
        lit((190, 60, 48), light),
        size * 0.02,
    )
