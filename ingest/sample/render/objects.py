"""Things on tables: fruit, flowers, vessels, books, candles, a skull."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import math
import random

from .canvas import Canvas, oval, smooth
from .palette import NAMED, RGB, darker, lighter, mix, vary

LEAF: RGB = (74, 116, 58)
STEM: RGB = (82, 62, 40)


def contact(canvas: Canvas, x: float, base: float, half: float) -> None:
    """A shadow cast to the right of a thing that stands at `base`."""
    blur = 0.0 if canvas.manner.flat else half * 0.14
    canvas.veil(oval(x + half * 0.35, base, half * 1.2, half * 0.25), (22, 14, 24), 0.52, blur)


def apple(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """An apple with a dimple, a stalk and a leaf."""
    r, y = size * 0.5, base - size * 0.46
    body = [
        (-1, -0.1),
        (-0.86, -0.72),
        (-0.4, -0.94),
        (0, -0.8),
        (0.4, -0.94),
        (0.86, -0.72),
        (1, -0.1),
        (0.72, 0.66),
        (0.26, 0.94),
        (0, 0.86),
        (-0.26, 0.94),
        (-0.72, 0.66),
    ]
    canvas.solid(smooth([(x + px * r, y + py * r) for px, py in body]), colour, "ball")
    canvas.line([(x, y - r * 0.72), (x + r * 0.14, y - r * 1.22)], STEM, size * 0.05)
    canvas.solid(
        smooth(
            [
                (x + r * 0.1, y - r),
                (x + r * 0.4, y - r * 1.3),
                (x + r * 0.76, y - r * 1.16),
                (x + r * 0.44, y - r * 0.98),
            ]
        ),
        LEAF,
    )


def pear(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """A pear, upright."""
    body = [
        (0, -1.4),
        (0.24, -1.34),
        (0.34, -1.0),
        (0.46, -0.7),
        (0.6, -0.36),
        (0.46, -0.06),
        (0.1, 0),
        (-0.1, 0),
        (-0.46, -0.06),
        (-0.6, -0.36),
        (-0.46, -0.7),
        (-0.34, -1.0),
        (-0.24, -1.34),
    ]
    lean = rng.uniform(-0.12, 0.12)
    canvas.solid(
        smooth([(x + (px + lean * -py) * size * 0.92, base + py * size * 0.92) for px, py in body]),
        colour,
        "ball",
    )
    canvas.line(
        [
            (x + lean * size * 1.25, base - size * 1.26),
            (x + lean * size * 1.25 + size * 0.1, base - size * 1.5),
        ],
        STEM,
        size * 0.05,
    )


def lemon(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """A lemon on its side."""
    y = base - size * 0.36
    body = [
        (-0.72, -0.02),
        (-0.6, -0.12),
        (-0.36, -0.33),
        (0, -0.4),
        (0.36, -0.33),
        (0.58, -0.13),
        (0.72, 0),
        (0.58, 0.14),
        (0.34, 0.32),
        (0, 0.38),
        (-0.36, 0.32),
        (-0.58, 0.12),
    ]
    canvas.solid(
        smooth([(x + px * size * 0.9, y + py * size * 0.9) for px, py in body]), colour, "ball", 0.8
    )


def orange(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """A round orange with its navel."""
    r = size * 0.47
    canvas.ball(x, base - r, r, r, colour, 0.9)
    canvas.dot(x + r * 0.2, base - r * 1.5, size * 0.035, darker(colour, 0.5))
    for _ in range(12):
        angle, far = rng.uniform(0, 6.28), r * rng.uniform(0.2, 0.8)
        canvas.dot(
            x + far * math.cos(angle),
            base - r + far * math.sin(angle),
            size * 0.012,
            darker(colour, 0.2),
        )


def grapes(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """A hanging-shaped bunch laid on the table."""
    r = size * 0.15
    canvas.line([(x, base - size * 1.0), (x + size * 0.1, base - size * 1.25)], STEM, size * 0.05)
    for row, number in enumerate((3, 4, 5, 4, 3)):
        for k in range(number):
            cx = x + (k - (number - 1) / 2) * r * 1.7 + rng.uniform(-0.2, 0.2) * r
            canvas.ball(cx, base - size * 0.98 + row * r * 1.32, r, r, vary(colour, rng, 16), 1.1)
    leaf = [(0.05, -1.1), (0.3, -1.34), (0.62, -1.2), (0.58, -1.0), (0.36, -0.92)]
    canvas.solid(smooth([(x + px * size, base + py * size) for px, py in leaf]), LEAF)


def flowers(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """A vase full of flowers of one colour."""
    pot = rng.choice(((206, 214, 222), (72, 100, 140), (190, 160, 120), (238, 232, 216)))
    blooms = [
        (rng.uniform(-0.52, 0.52), rng.uniform(-1.62, -0.86), rng.uniform(0.13, 0.19))
        for _ in range(11)
    ]
    for bx, by, _ in blooms:
        canvas.line(
            [
                (x + bx * size * 0.15, base - size * 0.6),
                (x + bx * size * 0.7, base + (by + 0.2) * size),
                (x + bx * size, base + by * size),
            ],
            (64, 104, 56),
            size * 0.025,
        )
    for _ in range(12):
        lx, ly, turn = rng.uniform(-0.5, 0.5), rng.uniform(-1.3, -0.66), rng.uniform(-0.14, 0.14)
        leaf = [(lx - 0.14, ly + turn), (lx, ly - 0.06), (lx + 0.14, ly - turn), (lx, ly + 0.05)]
        canvas.solid(
            smooth([(x + px * size, base + py * size) for px, py in leaf]), vary(LEAF, rng, 18)
        )
    body = [
        (-0.13, -0.74),
        (-0.12, -0.62),
        (-0.28, -0.4),
        (-0.25, -0.12),
        (-0.14, 0),
        (0.14, 0),
        (0.25, -0.12),
        (0.28, -0.4),
        (0.12, -0.62),
        (0.13, -0.74),
    ]
    canvas.solid(smooth([(x + px * size, base + py * size) for px, py in body]), pot, "column")
    daisy = rng.random() < 0.4
    for bx, by, r in blooms:
        bloom(canvas, rng, x + bx * size, base + by * size, r * size, vary(colour, rng, 14), daisy)


def bloom(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    y: float,
    r: float,
    colour: RGB,
    daisy: bool = False,
) -> None:
    """One flower: a daisy, or a rounded rose of nested petals."""
    turn = rng.random()
    petals = 9 if daisy else 6
    for k in range(petals):
        angle = (k + turn) / petals * 2 * math.pi
        tone = colour if k % 2 else darker(colour, 0.12)
        far, wide = (0.62, 0.3) if daisy else (0.5, 0.52)
        canvas.ball(
            x + far * r * math.cos(angle),
            y + far * r * math.sin(angle),
            wide * r,
            wide * r,
            tone,
            0.6,
        )
    if daisy:
        canvas.dot(
            x, y, r * 0.3, (240, 190, 60) if colour[2] > 120 or colour[1] < 120 else (96, 60, 30)
        )
    else:
        canvas.ball(x, y, r * 0.4, r * 0.4, darker(colour, 0.2), 0.9)
        canvas.dot(x + r * 0.04, y + r * 0.02, r * 0.14, darker(colour, 0.45))


def bottle(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """A tall glass bottle with a label."""
    body = [
        (-0.27, 0),
        (-0.29, -0.1),
        (-0.29, -1.0),
        (-0.22, -1.2),
        (-0.09, -1.36),
        (-0.085, -1.78),
        (0.085, -1.78),
        (0.09, -1.36),
        (0.22, -1.2),
        (0.29, -1.0),
        (0.29, -0.1),
        (0.27, 0),
    ]
    points = [(x + px * size, base + py * size) for px, py in body]
    canvas.solid(points, darker(colour, 0.12), "column", 1.25)
    canvas.solid(
        [
            (x - size * 0.1, base - size * 1.8),
            (x + size * 0.1, base - size * 1.8),
            (x + size * 0.1, base - size * 1.66),
            (x - size * 0.1, base - size * 1.66),
        ],
        (164, 120, 78),
        "column",
    )
    canvas.solid(
        [
            (x - size * 0.29, base - size * 0.78),
            (x + size * 0.29, base - size * 0.78),
            (x + size * 0.29, base - size * 0.36),
            (x - size * 0.29, base - size * 0.36),
        ],
        (232, 220, 188),
        "column",
        0.8,
        False,
    )
    canvas.line(
        [(x - size * 0.2, base - size * 0.12), (x - size * 0.2, base - size * 1.0)],
        lighter(colour, 0.6),
        size * 0.03,
    )


def jug(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """A pitcher with a handle and a lip."""
    handle = smooth(
        [
            (x + size * 0.3, base - size * 1.04),
            (x + size * 0.66, base - size * 1.0),
            (x + size * 0.66, base - size * 0.5),
            (x + size * 0.36, base - size * 0.34),
        ]
    )[:18]
    canvas.line(handle, darker(colour, 0.2), size * 0.1)
    body = [
        (-0.24, 0),
        (-0.44, -0.2),
        (-0.46, -0.52),
        (-0.3, -0.86),
        (-0.26, -1.06),
        (-0.44, -1.24),
        (-0.1, -1.2),
        (0.3, -1.22),
        (0.26, -1.02),
        (0.3, -0.86),
        (0.46, -0.52),
        (0.44, -0.2),
        (0.24, 0),
    ]
    canvas.solid(
        smooth([(x + px * size, base + py * size) for px, py in body]), colour, "column", 1.1
    )
    canvas.solid(
        oval(x - size * 0.04, base - size * 1.19, size * 0.27, size * 0.05), darker(colour, 0.55)
    )


def teapot(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """A round teapot."""
    canvas.line(
        smooth(
            [
                (x + size * 0.4, base - size * 0.72),
                (x + size * 0.84, base - size * 0.76),
                (x + size * 0.8, base - size * 0.36),
                (x + size * 0.42, base - size * 0.26),
            ]
        )[:18],
        darker(colour, 0.15),
        size * 0.09,
    )
    spout = [
        (-0.4, -0.46),
        (-0.66, -0.56),
        (-0.78, -0.86),
        (-0.9, -0.84),
        (-0.74, -0.4),
        (-0.38, -0.22),
    ]
    canvas.solid(
        smooth([(x + px * size, base + py * size) for px, py in spout]), darker(colour, 0.08)
    )
    canvas.ball(x, base - size * 0.44, size * 0.52, size * 0.45, colour, 1.1)
    canvas.solid(
        [
            (x - size * 0.26, base),
            (x + size * 0.26, base),
            (x + size * 0.22, base - size * 0.06),
            (x - size * 0.22, base - size * 0.06),
        ],
        darker(colour, 0.3),
    )
    canvas.ball(x, base - size * 0.85, size * 0.27, size * 0.09, lighter(colour, 0.1), 0.9)
    canvas.ball(x, base - size * 0.97, size * 0.07, size * 0.07, colour)


def books(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """A stack of three books lying flat."""
    y = base
    for k, tone in enumerate((colour, vary(colour, rng, 24), lighter(colour, 0.08))):
        wide, high, shift = (
            size * (1.25 - 0.13 * k),
            size * rng.uniform(0.2, 0.28),
            rng.uniform(-0.08, 0.08) * size,
        )
        left, right = x + shift - wide / 2, x + shift + wide / 2
        canvas.solid(
            [(left, y - high), (right, y - high), (right, y), (left, y)], tone, contrast=0.9
        )
        canvas.flat(
            [
                (left + wide * 0.08, y - high * 0.78),
                (right + 0.001, y - high * 0.78),
                (right + 0.001, y - high * 0.2),
                (left + wide * 0.08, y - high * 0.2),
            ],
            (236, 224, 196),
        )
        canvas.flat(
            [(left, y - high), (left + wide * 0.1, y - high), (left + wide * 0.1, y), (left, y)],
            darker(tone, 0.25),
        )
        y -= high


def candle(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """A lit candle in a brass holder, with its glow."""
    top = base - size * rng.uniform(1.1, 1.5)
    canvas.veil(
        oval(x, top - size * 0.2, size * 0.75, size * 0.75), (255, 206, 110), 0.5, blur=size * 0.24
    )
    brass = (178, 132, 58)
    canvas.ball(x, base - size * 0.05, size * 0.36, size * 0.1, brass)
    canvas.solid(
        [
            (x - size * 0.15, base - size * 0.26),
            (x + size * 0.15, base - size * 0.26),
            (x + size * 0.1, base - size * 0.06),
            (x - size * 0.1, base - size * 0.06),
        ],
        brass,
        "column",
    )
    canvas.solid(
        [
            (x - size * 0.1, base - size * 0.24),
            (x + size * 0.1, base - size * 0.24),
            (x + size * 0.1, top),
            (x - size * 0.1, top),
        ],
        colour,
        "column",
        0.9,
    )
    canvas.line([(x, top), (x, top - size * 0.08)], (40, 30, 30), size * 0.02)
    flame = [(0, -0.4), (0.075, -0.2), (0.06, -0.06), (0, -0.02), (-0.06, -0.06), (-0.075, -0.2)]
    canvas.flat(smooth([(x + px * size, top + py * size) for px, py in flame]), (255, 176, 60))
    canvas.dot(x, top - size * 0.12, size * 0.034, (255, 246, 200), size * 0.08)


def skull(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB
) -> None:
    """A human skull in three-quarter view."""
    bone, dark = (224, 208, 172), (52, 38, 34)
    jaw = [(-0.3, -0.3), (0.26, -0.3), (0.24, -0.04), (0.1, 0), (-0.18, 0), (-0.28, -0.06)]
    canvas.solid(
        smooth([(x + px * size, base + py * size) for px, py in jaw]), darker(bone, 0.14), "column"
    )
    dome = [
        (-0.46, -0.62),
        (-0.36, -1.0),
        (0, -1.14),
        (0.42, -1.04),
        (0.58, -0.7),
        (0.46, -0.44),
        (0.3, -0.3),
        (-0.3, -0.28),
        (-0.36, -0.42),
    ]
    canvas.solid(smooth([(x + px * size, base + py * size) for px, py in dome]), bone, "ball")
    for ex in (-0.24, 0.14):
        canvas.dot(x + ex * size, base - size * 0.58, size * 0.125, dark, size * 0.115)
    canvas.flat(
        [
            (x - size * 0.06, base - size * 0.46),
            (x - size * 0.13, base - size * 0.32),
            (x + size * 0.02, base - size * 0.32),
        ],
        dark,
    )
    for k in range(7):
        tx = x + (-0.22 + k * 0.065) * size
        canvas.line([(tx, base - size * 0.24), (tx, base - size * 0.1)], dark, size * 0.016)
    canvas.line(
        [(x - size * 0.25, base - size * 0.17), (x + size * 0.2, base - size * 0.17)],
        dark,
        size * 0.02,
    )


PAINTERS = {
    "apple": apple, "pear": pear, "lemon": lemon, "orange": orange, "grapes": grapes,
    "flowers": flowers, "bottle": bottle, "jug": jug, "books": books, "candle": candle,
    "skull": skull, "teapot": teapot,
}  # fmt: skip
# Breadth and base size of each thing in units of the picture's width.
SIZES = {
    "apple": 0.2, "pear": 0.18, "lemon": 0.19, "orange": 0.2, "grapes": 0.3, "flowers": 0.31,
    "bottle": 0.25, "jug": 0.32, "books": 0.3, "candle": 0.26, "skull": 0.36, "teapot": 0.36,
}  # fmt: skip
USUAL = {
    "apple": "red", "pear": "green", "lemon": "yellow", "orange": "orange", "grapes": "purple",
    "flowers": "pink", "bottle": "green", "jug": "white", "books": "brown", "candle": "white",
}  # fmt: skip


def usual(name: str) -> RGB:
    """The colour a thing has when the scene names none."""
    return NAMED.get(USUAL.get(name, ""), mix(NAMED["white"], NAMED["brown"], 0.3))
