"""Pictures from scenes: `render(scene, width, seed)`."""

from __future__ import annotations

import random

from PIL import Image

from ingest.sample.scenes import Scene

from . import (
    abstract,
    animals,
    ceramic,
    interior,
    landscape,
    portrait,
    seascape,
    still_life,
    textile,
)
from .canvas import Canvas
from .styles import MANNERS, finish

PAINTERS = {
    "landscape": landscape.draw,
    "seascape": seascape.draw,
    "still life": still_life.draw,
    "interior": interior.draw,
    "portrait": portrait.draw,
    "animal": animals.draw,
    "abstract": abstract.draw,
    "textile": textile.draw,
    "ceramic": ceramic.draw,
}
ASPECTS = {"wide": (0.66, 0.8), "square": (0.96, 1.04), "tall": (1.22, 1.36)}


def render(scene: Scene, width: int, seed: int) -> Image.Image:
    """Draw `scene` as an RGB picture `width` pixels wide; the seed decides placement and texture.

    The same scene and seed give the same composition at every width.
    """
    rng = random.Random(f"{seed}|{scene.key()}")
    aspect = rng.uniform(*ASPECTS[scene.shape])
    # Shapes have no antialiasing of their own: draw larger, then reduce.
    canvas = Canvas(round(width * (2 if width <= 300 else 1.5)), aspect, MANNERS[scene.style], rng)
    PAINTERS[scene.genre](canvas, scene, rng)
    size = (width, max(1, round(width * aspect)))
    reduced = canvas.image.resize(
        size, Image.Resampling.BOX if width <= 300 else Image.Resampling.BILINEAR
    )
    return finish(reduced, scene, random.Random(seed))
