"""Furniture seen slightly from above, and a seated or standing person in a room."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import random

from .canvas import Canvas, Point, oval, smooth
from .palette import NAMED, RGB, darker, lighter, vary


def _quad(
    canvas: Canvas,
    x: float,
    base: float,
    size: float,
    points: list[Point],
    colour: RGB,
    form: str = "slope",
) -> None:
    canvas.solid([(x + px * size, base + py * size) for px, py in points], colour, form)


def chair(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB, light: str
) -> None:
    """A wooden chair with a slatted back."""
    dark = darker(colour, 0.28)
    for px, top in ((-0.22, -0.95), (0.16, -0.98)):
        _quad(
            canvas,
            x,
            base,
            size,
            [(px - 0.03, top), (px + 0.03, top), (px + 0.03, -0.12), (px - 0.03, -0.12)],
            colour,
            "column",
        )
    for y in (-0.9, -0.76, -0.62):
        _quad(
            canvas,
            x,
            base,
            size,
            [(-0.2, y), (0.15, y - 0.03), (0.15, y + 0.05), (-0.2, y + 0.08)],
            colour,
        )
    for px, low in ((-0.3, 0.0), (0.22, 0.03)):
        _quad(
            canvas,
            x,
            base,
            size,
            [(px - 0.03, -0.4), (px + 0.03, -0.4), (px + 0.025, low), (px - 0.025, low)],
            dark,
            "column",
        )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.26, -0.5), (0.2, -0.53), (0.28, -0.36), (-0.36, -0.33)],
        lighter(colour, 0.15),
    )
    _quad(
        canvas, x, base, size, [(-0.36, -0.33), (0.28, -0.36), (0.28, -0.29), (-0.36, -0.26)], dark
    )


def bed(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB, light: str
) -> None:
    """A bed with a coloured blanket, white pillow and turned boards."""
    wood, linen = (116, 80, 54), (240, 236, 226)
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.72, -0.78), (-0.5, -0.9), (-0.5, -0.1), (-0.72, 0.06)],
        wood,
        "side",
    )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.66, -0.34), (-0.48, -0.5), (0.62, -0.46), (0.62, -0.3), (0.56, -0.02), (-0.66, 0.02)],
        darker(colour, 0.2),
    )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.68, -0.34), (-0.44, -0.52), (0.66, -0.48), (0.58, -0.26)],
        colour,
    )
    for k in range(4):
        fold = -0.3 + k * 0.22
        canvas.line(
            [(x + fold * size, base - 0.3 * size), (x + (fold + 0.03) * size, base)],
            darker(colour, 0.34),
            size * 0.012,
        )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.66, -0.36), (-0.45, -0.52), (-0.22, -0.51), (-0.36, -0.33)],
        lighter(linen, 0.1),
    )
    canvas.solid(
        smooth(
            [
                (x + px * size, base + py * size)
                for px, py in ((-0.62, -0.42), (-0.46, -0.6), (-0.26, -0.6), (-0.38, -0.42))
            ]
        ),
        linen,
        "ball",
        0.5,
    )
    _quad(
        canvas,
        x,
        base,
        size,
        [(0.54, -0.44), (0.7, -0.6), (0.7, -0.06), (0.54, 0.1)],
        darker(wood, 0.1),
        "side",
    )


def table(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB, light: str
) -> None:
    """A square table with a bowl of fruit on it."""
    for px, low in ((-0.36, -0.08), (0.36, -0.08), (-0.5, 0.06), (0.5, 0.06)):
        _quad(
            canvas,
            x,
            base,
            size,
            [(px - 0.035, -0.5), (px + 0.035, -0.5), (px + 0.028, low), (px - 0.028, low)],
            darker(colour, 0.25),
            "column",
        )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.44, -0.66), (0.44, -0.66), (0.6, -0.48), (-0.6, -0.48)],
        lighter(colour, 0.12),
    )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.6, -0.48), (0.6, -0.48), (0.6, -0.4), (-0.6, -0.4)],
        darker(colour, 0.18),
    )
    for dx in (-0.1, 0.02, 0.12):
        canvas.ball(
            x + dx * size,
            base - 0.71 * size,
            size * 0.07,
            size * 0.07,
            vary((222, 150, 60), rng, 16),
        )
    bowl = [(-0.24, -0.68), (0.24, -0.68), (0.12, -0.55), (-0.12, -0.55)]
    _quad(canvas, x, base, size, bowl, (226, 226, 220), "column")


def lamp(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB, light: str
) -> None:
    """A floor lamp with a coloured shade."""
    strength = 0.62 if light == "night" else 0.28
    canvas.veil(
        oval(x, base - size * 1.1, size * 0.7, size * 0.66),
        (255, 214, 136),
        strength,
        blur=size * 0.22,
    )
    brass = (120, 92, 56)
    canvas.line([(x, base - size * 0.02), (x, base - size * 0.92)], brass, size * 0.035)
    canvas.ball(x, base - size * 0.02, size * 0.18, size * 0.045, brass)
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.15, -1.36), (0.15, -1.36), (0.34, -0.9), (-0.34, -0.9)],
        colour,
        "column",
    )
    canvas.solid(
        oval(x, base - size * 0.9, size * 0.34, size * 0.05), (255, 240, 190), "slope", 0.3
    )


def piano(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB, light: str
) -> None:
    """An upright piano with its keys and a stool."""
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.62, -0.95), (0.62, -0.95), (0.62, -0.02), (-0.62, -0.02)],
        colour,
    )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.66, -1.0), (0.66, -1.0), (0.66, -0.94), (-0.66, -0.94)],
        lighter(colour, 0.18),
    )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.54, -0.88), (0.54, -0.88), (0.54, -0.6), (-0.54, -0.6)],
        lighter(colour, 0.1),
    )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.22, -0.84), (0.22, -0.84), (0.22, -0.58), (-0.22, -0.58)],
        (240, 234, 216),
    )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.6, -0.52), (0.6, -0.52), (0.66, -0.4), (-0.66, -0.4)],
        (246, 242, 230),
    )
    for k in range(19):
        if k % 7 in (2, 6):
            continue
        key = -0.56 + k * 0.062
        canvas.line(
            [(x + key * size, base - 0.52 * size), (x + key * 1.04 * size, base - 0.45 * size)],
            (30, 28, 32),
            size * 0.028,
        )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.68, -0.4), (0.68, -0.4), (0.68, -0.32), (-0.68, -0.32)],
        darker(colour, 0.2),
    )
    for px in (-0.6, 0.6):
        _quad(
            canvas,
            x,
            base,
            size,
            [(px - 0.035, -0.32), (px + 0.035, -0.32), (px + 0.035, 0.04), (px - 0.035, 0.04)],
            darker(colour, 0.15),
            "column",
        )
    canvas.ball(x, base - size * 0.1, size * 0.2, size * 0.05, (116, 52, 44))
    for px in (-0.13, 0.13):
        canvas.line(
            [(x + px * size, base - size * 0.08), (x + px * size, base + size * 0.12)],
            (64, 46, 38),
            size * 0.03,
        )


def sofa(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB, light: str
) -> None:
    """A buttoned sofa with round arms."""
    back = [
        (-0.66, -0.3),
        (-0.66, -0.66),
        (-0.4, -0.74),
        (0, -0.8),
        (0.4, -0.74),
        (0.66, -0.66),
        (0.66, -0.3),
    ]
    _quad(canvas, x, base, size, back, colour)
    for k in range(5):
        canvas.dot(
            x + (-0.44 + 0.22 * k) * size, base - 0.58 * size, size * 0.016, darker(colour, 0.4)
        )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.6, -0.4), (0.6, -0.4), (0.64, -0.24), (-0.64, -0.24)],
        lighter(colour, 0.12),
    )
    canvas.line(
        [(x, base - 0.4 * size), (x, base - 0.24 * size)], darker(colour, 0.3), size * 0.012
    )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.64, -0.25), (0.64, -0.25), (0.62, -0.06), (-0.62, -0.06)],
        darker(colour, 0.2),
    )
    for px in (-0.68, 0.68):
        canvas.ball(
            x + px * size, base - size * 0.44, size * 0.11, size * 0.11, lighter(colour, 0.05)
        )
        _quad(
            canvas,
            x,
            base,
            size,
            [(px - 0.09, -0.42), (px + 0.09, -0.42), (px + 0.08, -0.05), (px - 0.08, -0.05)],
            darker(colour, 0.08),
            "column",
        )
        canvas.line(
            [(x + px * size, base - size * 0.06), (x + px * size, base + size * 0.02)],
            (70, 48, 36),
            size * 0.04,
        )
    canvas.solid(
        smooth(
            [
                (x + px * size, base + py * size)
                for px, py in ((-0.5, -0.42), (-0.46, -0.62), (-0.24, -0.62), (-0.24, -0.4))
            ]
        ),
        (236, 226, 200),
        "ball",
        0.6,
    )


def bookcase(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB, light: str
) -> None:
    """Shelves full of books."""
    _quad(canvas, x, base, size, [(-0.5, -1.3), (0.5, -1.3), (0.5, 0.0), (-0.5, 0.0)], colour)
    tones = [
        NAMED["red"],
        NAMED["blue"],
        NAMED["green"],
        NAMED["brown"],
        (206, 178, 112),
        (226, 216, 196),
    ]
    for row in range(4):
        low = -0.06 - row * 0.3
        _quad(
            canvas,
            x,
            base,
            size,
            [(-0.44, low - 0.26), (0.44, low - 0.26), (0.44, low), (-0.44, low)],
            darker(colour, 0.6),
        )
        at = -0.42
        while at < 0.38:
            wide, high = rng.uniform(0.035, 0.07), rng.uniform(0.16, 0.24)
            tone = darker(vary(rng.choice(tones), rng, 14), 0.12)
            _quad(
                canvas,
                x,
                base,
                size,
                [(at, low - high), (at + wide, low - high), (at + wide, low), (at, low)],
                tone,
                "column",
            )
            at += wide + 0.006


def fireplace(
    canvas: Canvas, rng: random.Random, x: float, base: float, size: float, colour: RGB, light: str
) -> None:
    """A mantelpiece with a fire burning."""
    base -= size * 0.14
    _quad(canvas, x, base, size, [(-0.56, -0.8), (0.56, -0.8), (0.56, 0), (-0.56, 0)], colour)
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.66, -0.92), (0.66, -0.92), (0.62, -0.8), (-0.62, -0.8)],
        lighter(colour, 0.2),
    )
    _quad(
        canvas,
        x,
        base,
        size,
        [(-0.36, 0), (-0.36, -0.46), (-0.2, -0.58), (0.2, -0.58), (0.36, -0.46), (0.36, 0)],
        (32, 24, 24),
    )
    for tone, wide, high in (
        ((226, 88, 36), 0.26, 0.42),
        ((250, 160, 50), 0.18, 0.32),
        ((255, 226, 130), 0.09, 0.2),
    ):
        flame = [
            (-wide, -0.06),
            (-wide * 0.9, -high * 0.5),
            (-wide * 0.4, -high * 0.4),
            (-wide * 0.1, -high),
            (wide * 0.3, -high * 0.5),
            (wide * 0.7, -high * 0.8),
            (wide, -0.06),
        ]
        canvas.flat(smooth([(x + px * size, base + py * size) for px, py in flame]), tone)
    for px in (-0.14, 0.1):
        canvas.line(
            [
                (x + (px - 0.14) * size, base - 0.02 * size),
                (x + (px + 0.16) * size, base - 0.07 * size),
            ],
            (84, 54, 38),
            size * 0.06,
        )
    canvas.veil(oval(x, base, size * 0.8, size * 0.5), (255, 150, 60), 0.34, blur=size * 0.2)
    for px in (-0.4, 0.38):
        canvas.solid(
            [
                (x + (px - 0.03) * size, base - 1.12 * size),
                (x + (px + 0.03) * size, base - 1.12 * size),
                (x + (px + 0.03) * size, base - 0.92 * size),
                (x + (px - 0.03) * size, base - 0.92 * size),
            ],
            (236, 228, 206),
            "column",
        )


def sitter(
    canvas: Canvas, rng: random.Random, x: float, base: float, high: float, gloom: float
) -> None:
    """A person standing in the room, in a long dress or a dark suit."""
    skin, hair = (
        darker((230, 188, 158), gloom * 0.6),
        darker(rng.choice(((60, 42, 34), (120, 78, 44), (36, 32, 34))), gloom * 0.4),
    )
    at = lambda px, py: (x + px * high, base + py * high)  # noqa: E731
    if rng.random() < 0.55:
        dress = darker(
            vary(
                rng.choice(((96, 106, 140), (150, 100, 104), (112, 130, 110), (222, 214, 196))),
                rng,
                10,
            ),
            gloom * 0.6,
        )
        canvas.solid(
            smooth(
                [
                    at(-0.08, -0.8),
                    at(0.08, -0.8),
                    at(0.09, -0.55),
                    at(0.22, 0),
                    at(-0.22, 0),
                    at(-0.09, -0.55),
                ]
            ),
            dress,
            "column",
        )
    else:
        suit = darker((58, 58, 70), gloom * 0.5)
        canvas.solid(
            [
                at(-0.1, -0.42),
                at(0.1, -0.42),
                at(0.09, 0),
                at(0.02, 0),
                at(0, -0.34),
                at(-0.02, 0),
                at(-0.09, 0),
            ],
            darker(suit, 0.3),
            "column",
        )
        canvas.solid(
            [at(-0.12, -0.8), at(0.12, -0.8), at(0.12, -0.36), at(-0.12, -0.36)], suit, "column"
        )
        dress = suit
    for side in (-1, 1):
        canvas.line(
            [at(0.1 * side, -0.76), at(0.14 * side, -0.58), at(0.05 * side, -0.46)],
            darker(dress, 0.15),
            high * 0.05,
        )
        canvas.dot(*at(0.05 * side, -0.46), high * 0.024, skin)
    canvas.line([at(0, -0.84), at(0, -0.78)], skin, high * 0.05)
    canvas.ball(*at(0, -0.91), high * 0.058, high * 0.075, skin, 0.8)
    for side in (-1, 1):
        canvas.dot(*at(0.022 * side, -0.905), high * 0.0075, (44, 32, 32))
    canvas.line([at(0.0, -0.9), at(0.006, -0.882)], darker(skin, 0.3), high * 0.005)
    canvas.line([at(-0.016, -0.866), at(0.016, -0.866)], (170, 84, 80), high * 0.008)
    canvas.solid(
        smooth(
            [
                at(-0.066, -0.9),
                at(-0.05, -0.985),
                at(0, -1.005),
                at(0.05, -0.985),
                at(0.066, -0.9),
                at(0.03, -0.95),
                at(-0.03, -0.95),
            ]
        ),
        hair,
    )


PAINTERS = {
    "chair": chair, "bed": bed, "table": table, "lamp": lamp, "piano": piano, "sofa": sofa,
    "bookcase": bookcase, "fireplace": fireplace,
}  # fmt: skip
