"""How each style draws its shapes, and what it does to the finished drawing."""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image

from ingest.sample.render.canvas import Manner
from ingest.sample.scenes import Scene

from . import dots, drawn, painted, printed, stitched

INK = (38, 33, 38)
MANNERS: dict[str, Manner] = {
    "oil": Manner(),
    "watercolour": Manner(),
    "woodblock": Manner(flat=True, outline=INK, outline_width=0.0042),
    "pointillism": Manner(),
    "ink wash": Manner(outline=(44, 42, 42), outline_width=0.0034),
    "poster": Manner(flat=True),
    "mosaic": Manner(),
    "pastel": Manner(),
    "etching": Manner(outline=(30, 28, 28), outline_width=0.0026),
    "charcoal": Manner(outline=(36, 34, 34), outline_width=0.0045),
    "woven": Manner(flat=True),
    "embroidered": Manner(flat=True),
    "glazed": Manner(),
}
_FINISHES: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "oil": painted.oil,
    "watercolour": painted.watercolour,
    "pastel": painted.pastel,
    "woodblock": printed.woodblock,
    "poster": printed.poster,
    "pointillism": dots.pointillism,
    "mosaic": dots.mosaic,
    "ink wash": drawn.ink_wash,
    "etching": drawn.etching,
    "charcoal": drawn.charcoal,
    "woven": stitched.woven,
    "embroidered": stitched.embroidered,
    "glazed": stitched.glazed,
}


def finish(picture: Image.Image, scene: Scene, rng: random.Random) -> Image.Image:
    """The finished work: the style's surface laid over the drawing, same size."""
    return _FINISHES[scene.style](picture, rng)
