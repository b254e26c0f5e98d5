"""Animals as modelled silhouettes: each is a list of parts in its own box (x in -1…1, ground at y = 0, up is negative)."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np

from ingest.sample.scenes import Scene

from . import nature
from .canvas import Canvas, Point, smooth
from .landscape import NUMBER
from .palette import RGB, darker, lighter, lit, mix, named, vary
from .sky import Air, precipitation, sky

GREY_COAT: RGB = (122, 116, 110)


@dataclass(frozen=True)
class Part:
    """A smooth closed shape (`points`), with a tone: base, dark, light, far, white, ink, nose, beak, iris."""

    tone: str
    points: tuple[Point, ...]
    curved: bool = True


def _round(x: float, y: float, rx: float, ry: float) -> tuple[Point, ...]:
    return ((x - rx, y), (x - rx * 0.7, y - ry * 0.7), (x, y - ry), (x + rx * 0.7, y - ry * 0.7), (x + rx, y), (x + rx * 0.7, y + ry * 0.7), (x, y + ry), (x - rx * 0.7, y + ry * 0.7))


def _leg(x: float, top: float, wide: float, foot: float = 0.05, bend: float = 0.0) -> tuple[Point, ...]:
    return ((x - wide, top), (x + wide, top), (x + wide * 0.7 + bend, top * 0.5), (x + wide * 0.6, -0.04), (x + wide * 0.6 + foot, 0), (x - wide * 0.6, 0), (x - wide * 0.6 + bend, top * 0.5))


CAT = (
    Part("dark", ((0.3, -0.06), (0.62, -0.02), (0.92, -0.16), (0.9, -0.46), (0.76, -0.5), (0.78, -0.22), (0.58, -0.16), (0.36, -0.2))),
    Part("base", ((-0.3, 0), (-0.36, -0.3), (-0.32, -0.62), (-0.14, -0.84), (0.12, -0.82), (0.34, -0.56), (0.5, -0.26), (0.46, 0))),
    Part("dark", ((0.1, 0), (0.08, -0.24), (0.26, -0.36), (0.46, -0.22), (0.46, 0))),
    Part("base", ((-0.28, 0), (-0.26, -0.34), (-0.12, -0.4), (-0.08, 0))),
    Part("light", ((-0.22, -0.3), (-0.2, -0.62), (-0.04, -0.62), (-0.08, -0.34))),
    Part("base", ((-0.46, -1.0), (-0.48, -1.42), (-0.24, -1.2)), False),
    Part("base", ((0.1, -1.0), (0.14, -1.42), (-0.1, -1.2)), False),
    Part("nose", ((-0.42, -1.12), (-0.43, -1.32), (-0.3, -1.2)), False),
    Part("nose", ((0.07, -1.12), (0.09, -1.32), (-0.04, -1.2)), False),
    Part("base", _round(-0.17, -0.96, 0.34, 0.28)),
    Part("light", _round(-0.17, -0.84, 0.14, 0.1)),
    Part("iris", _round(-0.3, -1.0, 0.08, 0.065)),
    Part("iris", _round(-0.04, -1.0, 0.08, 0.065)),
    Part("ink", _round(-0.3, -1.0, 0.028, 0.06)),
    Part("ink", _round(-0.04, -1.0, 0.028, 0.06)),
    Part("nose", ((-0.21, -0.9), (-0.13, -0.9), (-0.17, -0.85)), False),
)
DOG = (
    Part("far", _leg(-0.32, -0.5, 0.09)),
    Part("far", _leg(0.5, -0.5, 0.09)),
    Part("base", ((0.62, -0.66), (0.8, -0.82), (0.92, -1.08), (0.98, -1.06), (0.92, -0.76), (0.72, -0.56))),
    Part("base", ((-0.5, -0.82), (-0.1, -0.84), (0.4, -0.84), (0.7, -0.7), (0.72, -0.46), (0.5, -0.36), (0.1, -0.4), (-0.3, -0.32), (-0.52, -0.5))),
    Part("base", _leg(-0.42, -0.52, 0.11)),
    Part("base", ((0.4, -0.6), (0.72, -0.6), (0.7, -0.3), (0.66, -0.04), (0.68, 0), (0.52, 0), (0.54, -0.26))),
    Part("light", ((-0.5, -0.66), (-0.34, -0.6), (-0.36, -0.36), (-0.5, -0.44))),
    Part("base", ((-0.32, -0.7), (-0.36, -1.0), (-0.56, -1.2), (-0.74, -1.0), (-0.58, -0.62))),
    Part("base", ((-0.38, -1.04), (-0.48, -1.26), (-0.68, -1.28), (-0.86, -1.12), (-1.04, -1.04), (-1.06, -0.92), (-0.84, -0.88), (-0.54, -0.88))),
    Part("dark", ((-0.44, -1.24), (-0.3, -1.12), (-0.3, -0.86), (-0.44, -0.82), (-0.52, -1.04))),
    Part("ink", _round(-1.03, -1.02, 0.055, 0.045)),
    Part("ink", _round(-0.72, -1.12, 0.036, 0.04)),
    Part("red", ((-0.62, -0.78), (-0.34, -0.74), (-0.34, -0.66), (-0.62, -0.7)), False),
)
HORSE = (
    Part("far", _leg(-0.28, -0.72, 0.075)),
    Part("far", _leg(0.5, -0.72, 0.08)),
    Part("ink", ((0.66, -1.06), (0.86, -1.02), (0.94, -0.66), (0.9, -0.3), (0.8, -0.34), (0.78, -0.76), (0.64, -0.94))),
    Part("base", ((-0.5, -1.0), (-0.3, -1.12), (0.1, -1.04), (0.44, -1.12), (0.7, -1.0), (0.72, -0.7), (0.5, -0.6), (0.1, -0.56), (-0.3, -0.6), (-0.54, -0.76))),
    Part("base", _leg(-0.42, -0.74, 0.095)),
    Part("base", ((0.44, -0.9), (0.74, -0.9), (0.68, -0.52), (0.62, -0.3), (0.64, -0.04), (0.7, 0), (0.54, 0), (0.52, -0.32), (0.5, -0.5))),
    Part("base", ((-0.54, -0.72), (-0.22, -0.98), (-0.36, -1.3), (-0.5, -1.6), (-0.72, -1.56), (-0.7, -1.2))),
    Part("base", ((-0.46, -1.52), (-0.56, -1.68), (-0.74, -1.64), (-0.9, -1.4), (-1.02, -1.22), (-0.98, -1.1), (-0.84, -1.12), (-0.64, -1.3))),
    Part("base", ((-0.52, -1.62), (-0.5, -1.84), (-0.62, -1.68)), False),
    Part("ink", ((-0.56, -1.72), (-0.42, -1.62), (-0.28, -1.34), (-0.18, -1.04), (-0.3, -1.0), (-0.44, -1.3), (-0.58, -1.56))),
    Part("ink", _round(-0.72, -1.5, 0.032, 0.034)),
    Part("ink", _round(-0.96, -1.2, 0.022, 0.03)),
    Part("hoof", ((-0.5, -0.06), (-0.34, -0.06), (-0.32, 0), (-0.5, 0)), False),
    Part("hoof", ((0.53, -0.06), (0.67, -0.06), (0.7, 0), (0.53, 0)), False),
)
COW = (
    Part("far", _leg(-0.26, -0.5, 0.085)),
    Part("far", _leg(0.52, -0.5, 0.085)),
    Part("dark", ((0.76, -0.94), (0.84, -0.9), (0.84, -0.4), (0.9, -0.26), (0.8, -0.28), (0.78, -0.6))),
    Part("base", ((-0.52, -0.98), (-0.1, -1.0), (0.5, -1.02), (0.8, -0.92), (0.82, -0.6), (0.62, -0.42), (0.1, -0.36), (-0.4, -0.4), (-0.58, -0.6))),
    Part("patch", ((-0.16, -0.98), (0.16, -0.98), (0.2, -0.76), (0.04, -0.62), (-0.14, -0.74))),
    Part("patch", ((0.44, -0.98), (0.74, -0.9), (0.74, -0.7), (0.5, -0.66))),
    Part("nose", _round(0.42, -0.4, 0.13, 0.09)),
    Part("base", _leg(-0.42, -0.52, 0.1)),
    Part("base", _leg(0.66, -0.56, 0.1)),
    Part("base", ((-0.46, -0.6), (-0.34, -0.96), (-0.6, -1.1), (-0.8, -0.92), (-0.66, -0.6))),
    Part("dark", ((-0.56, -1.06), (-0.36, -1.1), (-0.34, -1.0), (-0.52, -0.96))),
    Part("base", ((-0.56, -1.14), (-0.76, -1.18), (-0.94, -0.98), (-1.04, -0.74), (-0.9, -0.64), (-0.72, -0.72), (-0.58, -0.9))),
    Part("white", ((-0.62, -1.16), (-0.56, -1.34), (-0.46, -1.36), (-0.52, -1.12))),
    Part("nose", _round(-0.97, -0.72, 0.1, 0.085)),
    Part("ink", _round(-0.74, -0.98, 0.034, 0.036)),
    Part("ink", _round(-1.0, -0.74, 0.02, 0.026)),
)
RABBIT = (
    Part("white", _round(0.62, -0.26, 0.16, 0.15)),
    Part("base", ((-0.28, -0.04), (-0.34, -0.4), (-0.1, -0.7), (0.28, -0.74), (0.56, -0.52), (0.62, -0.2), (0.5, 0), (0, 0))),
    Part("dark", ((0.06, 0), (0.08, -0.26), (0.3, -0.42), (0.52, -0.26), (0.54, 0))),
    Part("base", ((-0.1, 0), (-0.06, -0.1), (0.4, -0.09), (0.44, 0))),
    Part("base", ((-0.36, 0), (-0.34, -0.34), (-0.14, -0.34), (-0.18, 0))),
    Part("dark", ((-0.24, -0.96), (-0.22, -1.3), (-0.1, -1.56), (0.0, -1.42), (-0.04, -1.1), (-0.14, -0.9))),
    Part("base", ((-0.4, -0.96), (-0.46, -1.3), (-0.38, -1.6), (-0.26, -1.46), (-0.24, -1.1), (-0.28, -0.9))),
    Part("nose", ((-0.36, -1.0), (-0.4, -1.28), (-0.36, -1.46), (-0.3, -1.3), (-0.29, -1.04))),
    Part("base", _round(-0.34, -0.76, 0.3, 0.25)),
    Part("light", _round(-0.52, -0.66, 0.12, 0.09)),
    Part("ink", _round(-0.4, -0.82, 0.05, 0.055)),
    Part("nose", _round(-0.62, -0.72, 0.036, 0.03)),
)
OWL = (
    Part("wood", ((-1.0, -0.1), (1.0, -0.16), (1.0, -0.02), (-1.0, 0.06)), False),
    Part("base", ((-0.4, -0.04), (-0.54, -0.5), (-0.48, -1.0), (-0.3, -1.3), (0.3, -1.3), (0.48, -1.0), (0.54, -0.5), (0.4, -0.04), (0, 0.04))),
    Part("light", ((-0.22, -0.12), (-0.3, -0.5), (-0.2, -0.84), (0.2, -0.84), (0.3, -0.5), (0.22, -0.12))),
    Part("dark", ((-0.5, -0.9), (-0.56, -0.4), (-0.4, 0.08), (-0.28, -0.3), (-0.32, -0.8))),
    Part("dark", ((0.5, -0.9), (0.56, -0.4), (0.4, 0.08), (0.28, -0.3), (0.32, -0.8))),
    *(Part("dark", _round(x, y, 0.05, 0.03)) for x, y in ((-0.12, -0.7), (0.1, -0.66), (0, -0.54), (-0.14, -0.42), (0.14, -0.4), (0, -0.28))),
    Part("base", ((-0.44, -1.14), (-0.42, -1.5), (-0.1, -1.3)), False),
    Part("base", ((0.44, -1.14), (0.42, -1.5), (0.1, -1.3)), False),
    Part("white", _round(-0.19, -1.08, 0.21, 0.2)),
    Part("white", _round(0.19, -1.08, 0.21, 0.2)),
    Part("iris", _round(-0.18, -1.08, 0.13, 0.13)),
    Part("iris", _round(0.18, -1.08, 0.13, 0.13)),
    Part("ink", _round(-0.18, -1.08, 0.07, 0.075)),
    Part("ink", _round(0.18, -1.08, 0.07, 0.075)),
    Part("beak", ((-0.07, -1.02), (0.07, -1.02), (0, -0.84)), False),
    Part("beak", _round(-0.14, -0.06, 0.08, 0.05)),
    Part("beak", _round(0.14, -0.06, 0.08, 0.05)),
)
FOX = (
    Part("far", _leg(-0.26, -0.4, 0.07)),
    Part("far", _leg(0.36, -0.4, 0.07)),
    Part("base", ((0.46, -0.56), (0.74, -0.66), (1.04, -0.5), (1.2, -0.24), (1.06, -0.16), (0.8, -0.26), (0.5, -0.36))),
    Part("white", ((1.02, -0.44), (1.22, -0.2), (1.06, -0.14), (0.94, -0.24))),
    Part("base", ((-0.44, -0.7), (0, -0.7), (0.4, -0.68), (0.58, -0.5), (0.48, -0.3), (0.1, -0.32), (-0.3, -0.28), (-0.5, -0.44))),
    Part("ink", _leg(-0.38, -0.3, 0.06)),
    Part("ink", _leg(0.48, -0.3, 0.06)),
    Part("base", _leg(-0.38, -0.5, 0.085)[:3] + ((-0.32, -0.2), (-0.44, -0.2), (-0.46, -0.3))),
    Part("white", ((-0.56, -0.72), (-0.34, -0.62), (-0.38, -0.34), (-0.54, -0.44))),
    Part("base", ((-0.3, -0.66), (-0.36, -0.92), (-0.6, -1.02), (-0.82, -0.86), (-1.08, -0.7), (-0.84, -0.6), (-0.56, -0.54))),
    Part("white", ((-0.5, -0.62), (-0.72, -0.74), (-1.04, -0.7), (-0.84, -0.6), (-0.6, -0.54))),
    Part("base", ((-0.34, -0.88), (-0.3, -1.26), (-0.52, -1.0)), False),
    Part("base", ((-0.54, -0.98), (-0.58, -1.3), (-0.72, -0.96)), False),
    Part("ink", ((-0.36, -1.06), (-0.31, -1.24), (-0.44, -1.06)), False),
    Part("ink", _round(-1.06, -0.7, 0.045, 0.038)),
    Part("ink", _round(-0.72, -0.83, 0.034, 0.036)),
)
ELEPHANT = (
    Part("far", _leg(-0.14, -0.5, 0.12)),
    Part("far", _leg(0.5, -0.5, 0.12)),
    Part("dark", ((0.8, -0.9), (0.9, -0.7), (0.88, -0.4), (0.84, -0.42), (0.82, -0.7))),
    Part("base", ((-0.46, -0.9), (-0.2, -1.16), (0.24, -1.2), (0.62, -1.1), (0.84, -0.84), (0.82, -0.48), (0.5, -0.36), (0, -0.34), (-0.4, -0.42))),
    Part("base", _leg(-0.3, -0.6, 0.14, 0.03)),
    Part("base", _leg(0.68, -0.62, 0.15, 0.03)),
    Part("base", ((-0.62, -0.86), (-0.84, -0.7), (-0.92, -0.4), (-0.94, -0.16), (-1.06, -0.06), (-1.0, 0), (-0.84, -0.06), (-0.78, -0.3), (-0.66, -0.5), (-0.5, -0.6))),
    Part("base", ((-0.4, -1.16), (-0.7, -1.14), (-0.88, -0.9), (-0.78, -0.66), (-0.56, -0.54), (-0.36, -0.66))),
    Part("white", ((-0.7, -0.62), (-0.84, -0.46), (-1.04, -0.44), (-0.86, -0.38), (-0.66, -0.52))),
    Part("dark", ((-0.5, -1.1), (-0.2, -1.14), (-0.06, -0.86), (-0.16, -0.56), (-0.36, -0.6), (-0.5, -0.82))),
    Part("ink", _round(-0.7, -0.9, 0.032, 0.034)),
    Part("white", ((-0.44, -0.05), (-0.36, -0.05), (-0.36, 0), (-0.44, 0))),
)
BIRD = (
    Part("wood", ((-1.0, -0.06), (1.0, -0.2), (1.0, -0.08), (-1.0, 0.06)), False),
    Part("dark", ((0.3, -0.5), (0.7, -0.3), (1.04, -0.1), (0.98, 0.02), (0.6, -0.14), (0.26, -0.3))),
    Part("base", ((-0.4, -0.86), (-0.1, -0.94), (0.2, -0.74), (0.46, -0.42), (0.3, -0.18), (0.0, -0.08), (-0.3, -0.16), (-0.48, -0.44), (-0.52, -0.7))),
    Part("light", ((-0.46, -0.6), (-0.3, -0.6), (-0.1, -0.3), (0.0, -0.12), (-0.28, -0.16), (-0.46, -0.4))),
    Part("dark", ((-0.16, -0.66), (0.16, -0.66), (0.46, -0.36), (0.76, -0.16), (0.4, -0.2), (0.06, -0.26), (-0.14, -0.44))),
    Part("base", _round(-0.36, -0.86, 0.25, 0.23)),
    Part("beak", ((-0.58, -0.94), (-0.84, -0.84), (-0.56, -0.78)), False),
    Part("white", _round(-0.42, -0.92, 0.066, 0.066)),
    Part("ink", _round(-0.43, -0.92, 0.042, 0.042)),
    Part("ink", ((-0.12, -0.12), (-0.08, -0.12), (-0.06, 0.0), (-0.14, 0.0)), False),
    Part("ink", ((0.06, -0.12), (0.1, -0.12), (0.12, -0.02), (0.04, -0.02)), False),
)
FISH = (
    Part("dark", ((0.48, -0.5), (0.78, -0.78), (1.04, -0.86), (0.94, -0.5), (1.04, -0.16), (0.78, -0.24))),
    Part("dark", ((-0.3, -0.78), (-0.06, -1.04), (0.34, -0.96), (0.4, -0.68))),
    Part("dark", ((-0.1, -0.2), (0.08, -0.02), (0.28, -0.06), (0.22, -0.28))),
    Part("base", ((-0.96, -0.48), (-0.74, -0.7), (-0.3, -0.84), (0.14, -0.78), (0.54, -0.56), (0.58, -0.46), (0.14, -0.2), (-0.3, -0.14), (-0.74, -0.28))),
    Part("light", ((-0.9, -0.44), (-0.6, -0.36), (-0.1, -0.34), (0.44, -0.46), (0.1, -0.24), (-0.3, -0.16), (-0.74, -0.3))),
    *(Part("dark", ((x, y - 0.07), (x + 0.07, y), (x, y + 0.07), (x + 0.03, y))) for x in (-0.3, -0.12, 0.06, 0.24) for y in (-0.6, -0.46)),
    Part("dark", ((-0.34, -0.5), (-0.14, -0.42), (-0.08, -0.28), (-0.28, -0.34))),
    Part("dark", ((-0.52, -0.74), (-0.46, -0.5), (-0.52, -0.24), (-0.5, -0.5))),
    Part("white", _round(-0.72, -0.56, 0.085, 0.085)),
    Part("ink", _round(-0.73, -0.56, 0.05, 0.052)),
)
SHAPES = {
    "cat": CAT, "dog": DOG, "horse": HORSE, "cow": COW, "rabbit": RABBIT, "owl": OWL, "fox": FOX,
    "elephant": ELEPHANT, "bird": BIRD, "fish": FISH,
}  # fmt: skip
SIZES = {
    "cat": 0.34, "dog": 0.33, "horse": 0.3, "cow": 0.36, "rabbit": 0.34, "owl": 0.34, "fox": 0.33,
    "elephant": 0.37, "bird": 0.36, "fish": 0.34,
}  # fmt: skip
SLOTS = {
    1: ((0.5, 0.56, 1.0),),
    2: ((0.28, 0.36, 0.64), (0.7, 0.66, 0.72)),
    3: ((0.2, 0.26, 0.48), (0.8, 0.34, 0.5), (0.48, 0.72, 0.6)),
    6: ((0.18, 0.14, 0.36), (0.52, 0.1, 0.34), (0.83, 0.2, 0.36), (0.2, 0.6, 0.4), (0.54, 0.52, 0.4), (0.83, 0.74, 0.4)),
}  # fmt: skip


def creature(canvas: Canvas, rng: random.Random, name: str, x: float, base: float, size: float, coat: RGB, flip: int) -> None:
    """Draw one animal; `size` is half its breadth, `flip` -1 turns it to the right."""
    tones = _tones(coat)
    for part in SHAPES[name]:
        points = [(x + flip * px * size, base + py * size) for px, py in part.points]
        form = "ball" if part.tone in ("base", "light", "dark", "patch") else "slope"
        canvas.solid(smooth(points, 5) if part.curved else points, tones[part.tone], form, 0.95, part.tone != "light")


def _tones(coat: RGB) -> dict[str, RGB]:
    black = sum(coat) < 170
    white = sum(coat) > 620
    return {
        "base": coat,
        "dark": lighter(coat, 0.1) if black else darker(coat, 0.2 if white else 0.26),
        "light": lighter(coat, 0.14 if black else 0.34),
        "far": darker(coat, 0.42),
        "patch": (240, 234, 220) if not white else (60, 50, 48),
        "white": (248, 244, 234),
        "ink": (26, 22, 26) if not black else (12, 10, 14),
        "hoof": (40, 34, 34),
        "nose": (222, 150, 146),
        "beak": (240, 170, 50) if coat[0] < 200 or coat[1] < 120 else (90, 76, 70),
        "iris": (226, 196, 70) if coat[0] < 225 or white else (96, 140, 80),
        "wood": (104, 78, 58),
        "red": (176, 50, 46),
    }


def draw(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    """Draw the surroundings, then the animals, far ones first."""
    if scene.setting == "water":
        _pond(canvas, rng)
        ground = canvas.aspect * 0.12
    elif scene.setting == "room":
        ground = _room(canvas, rng)
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
    for x, depth, scale in SLOTS[number]:
        size = SIZES[scene.subject] * (scale if number > 1 else 1.0) * fit
        base = ground + span * (0.25 + 0.7 * depth)
        if number == 1:
            base = canvas.aspect * (0.84 if not perched else 0.76)
            if scene.setting == "water":
                base = canvas.aspect * 0.5 + size * 0.5
            x += rng.uniform(-0.04, 0.04)
        elif perched or scene.setting == "water":
            base = canvas.aspect * (0.3 + 0.62 * depth)
        if not perched and scene.setting != "water":
            nature.shadow(canvas, x + size * 0.1, base, size)
        creature(canvas, rng, scene.subject, x, base, size, vary(coat, rng, 6), rng.choice((-1, 1)))


def _outdoors(canvas: Canvas, scene: Scene, rng: random.Random) -> float:
    aspect = canvas.aspect
    horizon = aspect * rng.uniform(0.36, 0.44)
    air = sky(canvas, scene, rng, horizon)
    snow = scene.setting == "snow"
    grass = lit(vary((222, 230, 238) if snow else rng.choice(((124, 152, 84), (108, 142, 80), (150, 160, 92))), rng, 8), scene.light)
    hill = mix(lit((170, 186, 204) if snow else (104, 136, 108), scene.light), air.haze, 0.4)
    nature.mountains(canvas, rng, horizon + 0.02, aspect * 0.1, hill, air.haze)
    canvas.solid([(-0.02, horizon), (1.02, horizon), (1.02, aspect + 0.02), (-0.02, aspect + 0.02)], grass, contrast=0.6, outlined=False)
    if scene.setting == "forest":
        _wood(canvas, scene, rng, horizon, air)
    nature.tufts(canvas, rng, horizon + 0.1, darker(grass, 0.1), 70 if not snow else 16)
    if scene.setting == "meadow":
        for _ in range(40):
            y = rng.uniform(horizon + 0.06, aspect)
            canvas.dot(rng.random(), y, 0.004 + 0.006 * (y - horizon), lit(rng.choice(((246, 240, 220), (240, 210, 90), (224, 120, 130))), scene.light))
    return horizon


def _wood(canvas: Canvas, scene: Scene, rng: random.Random, horizon: float, air: Air) -> None:
    leaf, bark = lit((66, 98, 66), scene.light), lit((82, 66, 56), scene.light)
    for row in range(2):
        for k in range(9 - 2 * row):
            x = (k + rng.random()) / (9 - 2 * row)
            wide, low = rng.uniform(0.012, 0.022) * (1 + row), horizon + 0.03 + 0.06 * row
            tone = mix(bark, air.haze, 0.45 - 0.3 * row)
            canvas.solid([(x - wide, -0.02), (x + wide * 0.8, -0.02), (x + wide * 1.3, low), (x - wide * 1.3, low)], tone, "column")
    for _ in range(46):
        x, y = rng.random(), rng.uniform(-0.02, horizon * 0.5)
        canvas.ball(x, y, rng.uniform(0.04, 0.08), rng.uniform(0.03, 0.05), vary(leaf, rng, 16), 0.7)


def _room(canvas: Canvas, rng: random.Random) -> float:
    aspect = canvas.aspect
    wall = vary(rng.choice(((178, 160, 132), (150, 162, 156), (166, 140, 130), (146, 152, 172))), rng, 8)
    y, x = np.mgrid[0:1:24j, 0:1:24j]
    canvas.background(np.array(wall)[None, None, :] * (1.14 - 0.3 * np.hypot(x - 0.3, y - 0.2))[..., None])
    for k in range(14):
        canvas.line([(k / 13, 0), (k / 13, aspect)], darker(wall, 0.1), 0.004)
    floor = aspect * 0.62
    wood = vary((142, 102, 72), rng, 10)
    canvas.solid([(-0.02, floor), (1.02, floor), (1.02, aspect + 0.02), (-0.02, aspect + 0.02)], wood, outlined=False)
    cushion = vary(rng.choice(((92, 108, 128), (126, 84, 92), (96, 112, 88))), rng, 8)
    canvas.ball(0.5, aspect * 0.84, 0.44, 0.1 * min(1.2, aspect), cushion, 0.9)
    return floor - aspect * 0.12


def _pond(canvas: Canvas, rng: random.Random) -> None:
    aspect = canvas.aspect
    deep = vary(rng.choice(((44, 96, 112), (52, 88, 124), (62, 108, 104))), rng, 8)
    y, x = np.mgrid[0:1:24j, 0:1:24j]
    canvas.background(np.array(deep)[None, None, :] * (1.35 - 0.5 * y - 0.2 * x)[..., None])
    for _ in range(34):
        cx, cy, long = rng.random(), rng.random() * aspect, rng.uniform(0.04, 0.14)
        canvas.line([(cx - long, cy), (cx - long / 3, cy - 0.008), (cx + long / 3, cy + 0.005), (cx + long, cy)], mix(lighter(deep, 0.3), deep, rng.random()), 0.004)
    for k in range(10):
        sx = k * 0.11 + rng.uniform(-0.03, 0.03)
        high = rng.uniform(0.1, 0.32) * aspect
        weed = [(sx, aspect + 0.02), (sx + 0.02, aspect - high * 0.4), (sx - 0.02, aspect - high * 0.7), (sx + 0.015, aspect - high)]
        canvas.line(smooth(weed)[:19], (50, 100, 72), 0.012)
    for _ in range(22):
        bubble = rng.uniform(0.004, 0.01)
        canvas.dot(rng.random(), rng.random() * aspect, bubble, lighter(deep, 0.55))
