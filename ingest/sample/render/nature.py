"""Trees, mountains, rocks and small living things of the open air."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import random

from .canvas import Canvas, Point, oval, smooth
from .noise import ridge
from .palette import NAMED, RGB, darker, lighter, lit, mix, vary


def mountains(
    canvas: Canvas, rng: random.Random, base: float, rise: float, colour: RGB, foot: RGB
) -> None:
    """A far range with mist at its foot."""
    line = ridge(rng, -0.02, 1.02, base, rise, 0.55)
    canvas.solid([*line, (1.02, base + 0.02), (-0.02, base + 0.02)], colour, contrast=0.5)
    canvas.veil(
        [
            (-0.02, base - rise * 0.3),
            (1.02, base - rise * 0.3),
            (1.02, base + 0.03),
            (-0.02, base + 0.03),
        ],
        foot,
        0.5,
        blur=0.03,
    )


def peak(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    half: float,
    high: float,
    colour: RGB,
    snow: RGB,
) -> None:
    """One great mountain with a lit side, a shaded side and a snow cap."""
    top = (x + rng.uniform(-0.08, 0.08) * half, base - high)
    shares = (0.12, 0.24, 0.38, 0.55, 0.75)
    left = [_between(top, (x - half, base), t, rng, half * 0.03) for t in shares]
    right = [_between(top, (x + half, base), t, rng, half * 0.03) for t in shares]
    canvas.solid(
        [(x - half, base), *reversed(left), top, *right, (x + half, base)], colour, contrast=0.6
    )
    spine = [
        (top[0] + half * dx, base - high * (1 - t))
        for dx, t in ((0.05, 0.2), (-0.03, 0.36), (0.1, 0.6), (0.05, 1.0))
    ]
    canvas.flat([top, *spine, (x + half, base), *reversed(right)], darker(colour, 0.32))
    # The snow line runs between the third points of both slopes in uneven tongues.
    low_left, low_right = left[2], right[2]
    tongues = [
        _between(low_left, low_right, t, rng, 0.0) for t in (0.16, 0.3, 0.44, 0.56, 0.7, 0.84)
    ]
    edge = [(px, py + high * (0.07 if k % 2 else -0.06)) for k, (px, py) in enumerate(tongues)]
    canvas.solid([top, *left[:3], *edge, *reversed(right[:3])], snow, contrast=0.3)
    canvas.flat([top, spine[0], *edge[3:], *reversed(right[:3])], mix(snow, colour, 0.3))


def _between(a: Point, b: Point, share: float, rng: random.Random, jitter: float) -> Point:
    return (
        a[0] + (b[0] - a[0]) * share + rng.uniform(-jitter, jitter),
        a[1] + (b[1] - a[1]) * share + rng.uniform(-jitter, jitter),
    )


def broadleaf(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    high: float,
    colour: RGB,
    light: str,
    snowy: bool = False,
) -> None:
    """A tree with a branching trunk and a crown of overlapping leaf masses."""
    trunk = lit((84, 60, 46), light)
    wide = high * 0.05
    crown_y = base - high * 0.66
    canvas.solid(
        [
            (x - wide, base),
            (x - wide * 0.5, crown_y),
            (x + wide * 0.5, crown_y),
            (x + wide * 1.2, base),
        ],
        trunk,
        "column",
    )
    for side in (-1, 1):
        canvas.line([(x, base - high * 0.36), (x + side * high * 0.16, crown_y)], trunk, wide * 0.6)
    masses = [
        (rng.uniform(-0.26, 0.26), rng.uniform(-0.24, 0.2), rng.uniform(0.13, 0.2))
        for _ in range(9)
    ]
    masses.sort(key=lambda mass: mass[1], reverse=True)
    for dx, dy, size in masses:
        shade = darker(colour, 0.28) if dy > 0.06 else colour
        canvas.ball(
            x + dx * high,
            crown_y + dy * high,
            size * high,
            size * high * 0.85,
            vary(shade, rng, 10),
            0.7,
        )
    for _ in range(26):
        dx, dy = rng.uniform(-0.36, 0.36), rng.uniform(-0.36, 0.26)
        if dx * dx + dy * dy < 0.12:
            tone = lighter(colour, 0.35) if dx + dy < 0.02 else darker(colour, 0.2)
            canvas.dot(
                x + dx * high,
                crown_y + dy * high,
                high * 0.026,
                (240, 243, 246) if snowy and dy < 0 else tone,
                high * 0.018,
            )


def conifer(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    high: float,
    colour: RGB,
    snowy: bool = False,
) -> None:
    """A fir of four skirts."""
    canvas.flat(
        [
            (x - high * 0.03, base),
            (x - high * 0.03, base - high * 0.2),
            (x + high * 0.03, base - high * 0.2),
            (x + high * 0.03, base),
        ],
        (66, 48, 40),
    )
    for step in range(4):
        low, wide = base - high * (0.1 + step * 0.2), high * (0.27 - step * 0.055)
        tip = low - high * 0.36
        points = [
            (x - wide, low),
            (x - wide * 0.4, low - high * 0.02),
            (x, low + high * 0.02),
            (x + wide * 0.5, low - high * 0.02),
            (x + wide, low),
            (x, tip),
        ]
        canvas.solid(points, vary(darker(colour, 0.12 - 0.03 * step), rng, 5), "side", 0.8)
        if snowy:
            canvas.flat(
                [
                    (x - wide * 0.8, low - high * 0.03),
                    (x - wide * 0.2, low - high * 0.06),
                    (x + wide * 0.3, low - high * 0.05),
                    (x, tip),
                ],
                (238, 242, 246),
            )


def birds(canvas: Canvas, rng: random.Random, low: float, colour: RGB) -> None:
    """A loose flock far away, each bird two strokes."""
    x, y = rng.uniform(0.2, 0.7), rng.uniform(0.12, 0.4) * low + 0.05
    for _ in range(rng.randint(5, 8)):
        bx, by, size = (
            x + rng.uniform(-0.16, 0.16),
            y + rng.uniform(-0.07, 0.07),
            rng.uniform(0.014, 0.024),
        )
        canvas.line(
            [
                (bx - size, by - size * 0.45),
                (bx - size * 0.4, by - size * 0.5),
                (bx, by),
                (bx + size * 0.45, by - size * 0.55),
                (bx + size, by - size * 0.4),
            ],
            colour,
            0.0045,
        )


def cow_far(
    canvas: Canvas, rng: random.Random, x: float, base: float, high: float, colour: RGB
) -> None:
    """A grazing cow, small."""
    for leg in (-0.55, -0.4, 0.35, 0.5):
        canvas.line(
            [(x + leg * high, base - high * 0.5), (x + leg * high, base)],
            darker(colour, 0.4),
            high * 0.1,
        )
    canvas.ball(x, base - high * 0.66, high * 0.72, high * 0.3, colour, 0.6)
    canvas.ball(
        x + high * 0.82, base - high * 0.42, high * 0.17, high * 0.24, darker(colour, 0.2), 0.6
    )
    for _ in range(2):
        canvas.dot(
            x + rng.uniform(-0.4, 0.3) * high,
            base - high * 0.7,
            high * 0.15,
            (246, 240, 228),
            high * 0.11,
        )


def person(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    base: float,
    high: float,
    light: str,
    rainy: bool = False,
) -> None:
    """A small walking figure, a coat with a head and sometimes an umbrella."""
    coat = lit(NAMED[rng.choice(("black", "brown", "blue", "red", "white", "purple"))], light, 0.7)
    dark = lit((44, 36, 38), light, 0.7)
    for step in (-0.07, 0.07):
        canvas.line(
            [(x + step * high * 0.6, base - high * 0.4), (x + step * high, base)],
            dark,
            high * 0.075,
        )
    flare = rng.uniform(0.13, 0.2)
    body = [
        (x - high * 0.1, base - high * 0.78),
        (x + high * 0.1, base - high * 0.78),
        (x + high * flare, base - high * 0.28),
        (x - high * flare, base - high * 0.28),
    ]
    canvas.solid(body, coat, "side")
    canvas.line(
        [(x + high * 0.09, base - high * 0.7), (x + high * 0.19, base - high * 0.46)],
        darker(coat, 0.3),
        high * 0.06,
    )
    canvas.dot(x, base - high * 0.88, high * 0.085, lit((232, 190, 160), light, 0.6), high * 0.1)
    canvas.dot(x, base - high * 0.94, high * 0.09, dark, high * 0.05)
    if rainy:
        canvas.line(
            [(x + high * 0.14, base - high * 0.5), (x + high * 0.14, base - high * 1.15)],
            dark,
            high * 0.03,
        )
        canvas.solid(
            smooth(
                [
                    (x - high * 0.24, base - high * 1.02),
                    (x + high * 0.14, base - high * 1.3),
                    (x + high * 0.52, base - high * 1.02),
                    (x + high * 0.14, base - high * 1.08),
                ]
            ),
            coat,
        )


def rocks(
    canvas: Canvas, rng: random.Random, x: float, base: float, wide: float, high: float, colour: RGB
) -> None:
    """A pile of faceted rocks."""
    for share, size in ((-0.5, 0.6), (0.5, 0.7), (0.0, 1.0)):
        cx, h, w = x + share * wide, high * size, wide * 0.62
        points = [
            (cx - w, base),
            (cx - w * 0.8, base - h * 0.55),
            (cx - w * 0.2, base - h),
            (cx + w * 0.45, base - h * 0.82),
            (cx + w * 0.95, base - h * 0.3),
            (cx + w, base),
        ]
        canvas.solid(points, vary(colour, rng, 10))
        canvas.flat(
            [
                (cx + w * 0.45, base - h * 0.82),
                (cx + w * 0.95, base - h * 0.3),
                (cx + w, base),
                (cx + w * 0.1, base),
                (cx + w * 0.2, base - h * 0.5),
            ],
            darker(colour, 0.35),
        )


def tufts(canvas: Canvas, rng: random.Random, top: float, colour: RGB, number: int = 60) -> None:
    """Grass strokes on the near ground, larger towards the viewer."""
    span = canvas.aspect - top
    for _ in range(number):
        depth = rng.random() ** 0.7
        x, y, size = rng.random(), top + span * depth, 0.008 + 0.026 * depth
        tone = lighter(colour, 0.22) if rng.random() < 0.5 else darker(colour, 0.22)
        canvas.line([(x, y), (x + rng.uniform(-0.5, 0.5) * size, y - size)], tone, 0.003)


def shadow(canvas: Canvas, x: float, base: float, half: float) -> None:
    """The soft shadow that stands a thing on the ground."""
    blur = 0.0 if canvas.manner.flat else half * 0.12
    canvas.veil(oval(x, base, half, half * 0.16 + 0.004), (24, 20, 40), 0.42, blur)
