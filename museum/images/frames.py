"""Proportions of pictures as class names, so that a wall of works needs no inline style.

The content security policy allows no style attribute, and CSS cannot read a picture's width and
height. So proportions are rounded to steps of 3 % and each step has a class in
`static/css/shapes.css` (a picture loses at most 0.75 % on two sides). Make that file anew with
`python -m museum.images.frames > static/css/shapes.css`; a test compares them.
"""

import math
import sys

STEP = math.log(1.03)
# Slivers and panoramas beyond these proportions are shown whole within a frame of this shape.
NARROWEST, WIDEST = 0.5, 2.5
# Of a work whose picture has no known size, or that has no picture.
UNKNOWN = 1.0
FIRST, LAST = round(math.log(NARROWEST) / STEP), round(math.log(WIDEST) / STEP)


def proportion(width: int | None, height: int | None) -> float:
    """Width through height of the frame that a picture of this size gets on a wall."""
    if not width or not height:
        return UNKNOWN
    return min(max(width / height, NARROWEST), WIDEST)


def classes(width: int | None, height: int | None) -> str:
    """The class of that frame; `is-whole` where the picture does not fill it."""
    shape = proportion(width, height)
    name = f"r-{round(math.log(shape) / STEP) - FIRST}"
    fills = bool(width and height) and math.isclose(shape, (width or 0) / (height or 1))
    return name if fills else f"{name} is-whole"


def stylesheet() -> str:
    """A rule for each class."""
    rules = [
        f".r-{step - FIRST}{{--shape:{math.exp(step * STEP):.4f}}}"
        for step in range(FIRST, LAST + 1)
    ]
    return "\n".join(["/* Made by museum/images/frames.py. */", *rules, ""])


if __name__ == "__main__":
    sys.stdout.write(stylesheet())
