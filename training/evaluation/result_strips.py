"""The first works that two rows find for a query, side by side in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from training.datasets.dataset import Item
from training.evaluation.results import Part

SHOWN = 5
SIDE, GAP = 112, 6
RIGHT = "#009e73"


def choose(part: Part, tuned: str, base: str, number: int = 6) -> list[int]:
    """Return queries whose first work rose the most, and as many where it fell the most."""
    change = np.log(part.answers[base].ranks) - np.log(part.answers[tuned].ranks)
    order = np.argsort(-change, kind="stable")
    half = number // 2
    rose = [int(n) for n in order[:half] if change[n] > 0]
    return rose + [int(n) for n in order[::-1][:half] if change[n] < 0]


def draw(part: Part, query: int, names: Sequence[str], gallery: Sequence[Item], path: Path) -> None:
    """Draw one line of pictures a row of `names`; works asked for have a frame."""
    size = (SHOWN * (SIDE + GAP) + GAP, len(names) * (SIDE + GAP) + GAP)
    strip = Image.new("RGB", size, "white")
    frame = ImageDraw.Draw(strip)
    for line, name in enumerate(names):
        for place, column in enumerate(part.answers[name].rankings[query].columns[:SHOWN]):
            x, y = GAP + place * (SIDE + GAP), GAP + line * (SIDE + GAP)
            small = ImageOps.contain(gallery[int(column)].open().convert("RGB"), (SIDE, SIDE))
            strip.paste(small, (x + (SIDE - small.width) // 2, y + (SIDE - small.height) // 2))
            if part.asked.relevant[query].get(int(column)):
                frame.rectangle((x - 4, y - 4, x + SIDE + 3, y + SIDE + 3), outline=RIGHT, width=4)
    strip.save(path)
