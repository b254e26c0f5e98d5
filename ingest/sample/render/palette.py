"""Colours of the sample museum: the nameable ones, and skies by light."""

from __future__ import annotations

import random
from collections.abc import Iterable

RGB = tuple[int, int, int]

NAMED: dict[str, RGB] = {
    "red": (198, 40, 34),
    "orange": (234, 124, 30),
    "yellow": (242, 200, 44),
    "green": (58, 132, 66),
    "blue": (38, 92, 178),
    "purple": (116, 62, 150),
    "pink": (240, 142, 168),
    "white": (246, 242, 232),
    "black": (34, 31, 36),
    "brown": (124, 78, 44),
}
NEUTRAL: RGB = (150, 140, 128)

SKIES: dict[str, tuple[RGB, RGB, RGB]] = {
    "dawn": ((138, 162, 206), (230, 192, 206), (252, 226, 178)),
    "day": ((74, 138, 204), (146, 194, 228), (226, 236, 232)),
    "sunset": ((84, 66, 122), (222, 98, 72), (254, 190, 84)),
    "dusk": ((44, 50, 100), (104, 86, 144), (216, 146, 146)),
    "night": ((10, 15, 42), (20, 32, 76), (46, 66, 114)),
}
# Light multiplies what it falls on; values stay near 1 so that colours keep their names.
TINTS: dict[str, tuple[float, float, float]] = {
    "dawn": (1.0, 0.95, 0.95),
    "day": (1.0, 1.0, 1.0),
    "sunset": (1.0, 0.84, 0.74),
    "dusk": (0.76, 0.70, 0.84),
    "night": (0.46, 0.52, 0.74),
    "": (1.0, 1.0, 1.0),
}


def _rgb(values: Iterable[float]) -> RGB:
    red, green, blue = (max(0, min(255, round(value))) for value in values)
    return red, green, blue


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """`first` moved by `share` (0…1) towards `second`."""
    return _rgb(a + (b - a) * share for a, b in zip(first, second, strict=True))


def lighter(colour: RGB, share: float = 0.35) -> RGB:
    """Towards a warm paper white."""
    return mix(colour, (255, 248, 230), share)


def darker(colour: RGB, share: float = 0.35) -> RGB:
    """Towards a cool near-black: shadows that are never dead."""
    return mix(colour, (18, 14, 34), share)


def lit(colour: RGB, light: str, share: float = 1.0) -> RGB:
    """The colour under a light; `share` below 1 keeps a subject's colour nameable."""
    return _rgb(
        value * (1 - share + share * tint) for value, tint in zip(colour, TINTS[light], strict=True)
    )


def vary(colour: RGB, rng: random.Random, amount: int = 10) -> RGB:
    """A near neighbour of the colour."""
    shift = rng.uniform(-amount, amount)
    return _rgb(value + shift + rng.uniform(-amount, amount) / 2 for value in colour)


def named(name: str, rng: random.Random) -> RGB:
    """A named colour with a little variety; an empty name gives a neutral."""
    return vary(NAMED.get(name, NEUTRAL), rng, 8)
