"""Compute the tiles of a picture for deep zoom, by the IIIF Image API 2.1. Pure.

Only these tiles are served, so the number of files and decodings of a picture is bounded. Source:
https://iiif.io/api/image/2.1/#a-implementation-notes
"""

import math
from dataclasses import dataclass

SIDE = 512  # pixels


@dataclass(frozen=True)
class Tile:
    """A region of the picture: its upper left corner and size in pixels of the scaled picture.

    `name` is its name in IIIF, region and width; "full" where nothing is cut or scaled.
    """

    name: str
    left: int
    top: int
    width: int
    height: int


def scale_factors(width: int, height: int) -> list[int]:
    """Return 1, 2, 4 … until the whole picture fits in one tile."""
    factors = [1]
    while max(width, height) > SIDE * factors[-1]:
        factors.append(2 * factors[-1])
    return factors


def level_size(width: int, height: int, factor: int) -> tuple[int, int]:
    """Return the size of the whole picture, `factor` times smaller."""
    return math.ceil(width / factor), math.ceil(height / factor)


def level(width: int, height: int, factor: int) -> list[Tile]:
    """Return the tiles of the picture `factor` times smaller, row by row."""
    whole = level_size(width, height, factor)
    return [
        _tile((width, height), whole, factor, left, top)
        for top in range(0, whole[1], SIDE)
        for left in range(0, whole[0], SIDE)
    ]


def _tile(full: tuple[int, int], whole: tuple[int, int], factor: int, left: int, top: int) -> Tile:
    x, y = left * factor, top * factor
    width, height = min(SIDE * factor, full[0] - x), min(SIDE * factor, full[1] - y)
    served = min(SIDE, whole[0] - left), min(SIDE, whole[1] - top)
    region = "full" if (width, height) == full else f"{x},{y},{width},{height}"
    return Tile(f"{region}/{'full' if factor == 1 else f'{served[0]},'}", left, top, *served)


def factor_of(width: int, height: int, name: str) -> int | None:
    """Return the scale factor of the tile with this name; None where there is no such tile."""
    for factor in scale_factors(width, height):
        if any(tile.name == name for tile in level(width, height, factor)):
            return factor
    return None


def canonical(region: str, size: str) -> str:
    """Return the name of the requested tile; many viewers name the width of an unscaled one."""
    is_unscaled = region != "full" and region.split(",")[2] == size.rstrip(",")
    return f"{region}/{'full' if is_unscaled else size}"
