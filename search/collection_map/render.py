"""A map as a picture, for browsers without scripts and while the points are on their way."""

import io
from collections.abc import Collection

import numpy as np
from PIL import Image, ImageDraw

from search.collection_map.storage import Atlas

SIDE = 1000  # pixels
GROUND = (14, 15, 16)
LIT = (255, 214, 102)
DIM = 0.3
LARGEST = 14  # pixels of one work
QUALITY = 82

Box = tuple[float, float, float]  # left, top and side, each 0 to 1


def draw(atlas: Atlas, lit: Collection[int], box: Box = (0.0, 0.0, 1.0)) -> bytes:
    """Return the WebP of what lies within `box`, SIDE pixels wide and high.

    Where works are `lit`, by id, all others are dimmed.
    """
    left, top, side = box
    places = (atlas.points - (left, top)) * (SIDE / side)
    colours = atlas.colours * (DIM if lit else 1.0) + np.array(GROUND) * ((1 - DIM) if lit else 0)
    pixels = np.empty((SIDE, SIDE, 3), np.uint8)
    pixels[:] = GROUND
    spacing = SIDE / side / max(len(atlas.ids), 1) ** 0.5
    size = int(np.clip(round(0.35 * spacing), 1, LARGEST))
    corners = np.floor(places - size / 2).astype(int)
    for down in range(size):
        for across in range(size):
            x, y = (corners + np.array([across, down])).T
            inside = (x >= 0) & (x < SIDE) & (y >= 0) & (y < SIDE)
            pixels[y[inside], x[inside]] = colours[inside]
    picture = Image.fromarray(pixels)
    _light(picture, places[np.isin(atlas.ids, list(lit))], max(size, 5))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=QUALITY)
    return buffer.getvalue()


def _light(picture: Image.Image, places: np.ndarray, size: int) -> None:
    pen = ImageDraw.Draw(picture)
    for x, y in places.tolist():
        pen.ellipse((x - size, y - size, x + size, y + size), LIT, outline=GROUND, width=2)
