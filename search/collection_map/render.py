"""Draw a map as a picture, for browsers without scripts and while the points are loading."""

import io
from collections.abc import Collection

import numpy as np
from PIL import Image, ImageDraw

from search.collection_map.storage import CollectionMap

IMAGE_SIDE = 1000  # pixels
BACKGROUND_RGB = (14, 15, 16)
HIGHLIGHT_RGB = (255, 214, 102)
DIMMED_OPACITY = 0.3  # of other works while some are highlighted
MAX_POINT_SIDE = 14  # pixels of one work
WEBP_QUALITY = 82

Box = tuple[float, float, float]  # left, top and side, each 0 to 1


def draw(
    collection_map: CollectionMap, highlighted: Collection[int], box: Box = (0.0, 0.0, 1.0)
) -> bytes:
    """Return `box` of the map as WebP, IMAGE_SIDE pixels wide and high.

    Works whose ids are in `highlighted` stand out; if there are any, all others are dimmed.
    """
    left, top, side = box
    places = (collection_map.points - (left, top)) * (IMAGE_SIDE / side)
    opacity = DIMMED_OPACITY if highlighted else 1.0
    colours = collection_map.colours * opacity + np.array(BACKGROUND_RGB) * (1 - opacity)
    pixels = np.empty((IMAGE_SIDE, IMAGE_SIDE, 3), np.uint8)
    pixels[:] = BACKGROUND_RGB
    spacing = IMAGE_SIDE / side / max(len(collection_map.ids), 1) ** 0.5
    size = int(np.clip(round(0.35 * spacing), 1, MAX_POINT_SIDE))
    corners = np.floor(places - size / 2).astype(int)
    for down in range(size):
        for across in range(size):
            x, y = (corners + np.array([across, down])).T
            inside = (x >= 0) & (x < IMAGE_SIDE) & (y >= 0) & (y < IMAGE_SIDE)
            pixels[y[inside], x[inside]] = colours[inside]
    picture = Image.fromarray(pixels)
    _highlight(picture, places[np.isin(collection_map.ids, list(highlighted))], max(size, 5))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=WEBP_QUALITY)
    return buffer.getvalue()


def _highlight(picture: Image.Image, places: np.ndarray, size: int) -> None:
    pen = ImageDraw.Draw(picture)
    for x, y in places.tolist():
        pen.ellipse(
            (x - size, y - size, x + size, y + size), HIGHLIGHT_RGB, outline=BACKGROUND_RGB, width=2
        )
