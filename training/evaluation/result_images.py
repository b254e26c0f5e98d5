"""The first works that two rows rank for a query, side by side in one image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from training.datasets.dataset import Item
from training.evaluation.results import SetResult

SHOWN_WORKS = 5
SIDE_PIXELS, GAP_PIXELS = 112, 6
RELEVANT_COLOUR = "#009e73"


def choose(result: SetResult, tuned: str, base: str, number: int = 6) -> list[int]:
    """Return the queries whose first relevant work rose most, and as many whose fell most."""
    change = np.log(result.rankings[base].ranks) - np.log(result.rankings[tuned].ranks)
    order = np.argsort(-change, kind="stable")
    half = number // 2
    rose = [int(n) for n in order[:half] if change[n] > 0]
    return rose + [int(n) for n in order[::-1][:half] if change[n] < 0]


def draw(
    result: SetResult, query: int, names: Sequence[str], gallery: Sequence[Item], path: Path
) -> None:
    """Draw one line of pictures for each row of `names`; relevant works have a frame."""
    size = (
        SHOWN_WORKS * (SIDE_PIXELS + GAP_PIXELS) + GAP_PIXELS,
        len(names) * (SIDE_PIXELS + GAP_PIXELS) + GAP_PIXELS,
    )
    image = Image.new("RGB", size, "white")
    frame = ImageDraw.Draw(image)
    for line, name in enumerate(names):
        for place, column in enumerate(result.rankings[name].rankings[query].columns[:SHOWN_WORKS]):
            x, y = (
                GAP_PIXELS + place * (SIDE_PIXELS + GAP_PIXELS),
                GAP_PIXELS + line * (SIDE_PIXELS + GAP_PIXELS),
            )
            small = ImageOps.contain(
                gallery[int(column)].open().convert("RGB"), (SIDE_PIXELS, SIDE_PIXELS)
            )
            image.paste(
                small, (x + (SIDE_PIXELS - small.width) // 2, y + (SIDE_PIXELS - small.height) // 2)
            )
            if result.query_set.relevant[query].get(int(column)):
                frame.rectangle(
                    (x - 4, y - 4, x + SIDE_PIXELS + 3, y + SIDE_PIXELS + 3),
                    outline=RELEVANT_COLOUR,
                    width=4,
                )
    image.save(path)
