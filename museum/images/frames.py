"""CSS classes for the proportions of pictures, so that a grid of works needs no inline style.

The content security policy forbids style attributes, and CSS cannot read a picture's width and
height. So proportions are rounded to steps of 3 %, and each step has a class in a stylesheet; a
picture loses at most 0.75 % on two sides. `python -m museum.images.frames > static/css/shapes.css`
writes that file; a test compares the two.
"""

import math
import sys

STEP = math.log(1.03)
# A narrower or wider picture is shown whole inside a frame of this proportion.
NARROWEST, WIDEST = 0.5, 2.5
# For a work without a picture, or whose picture has no known size.
UNKNOWN = 1.0
FIRST_STEP, LAST_STEP = round(math.log(NARROWEST) / STEP), round(math.log(WIDEST) / STEP)


def proportion(width: int | None, height: int | None) -> float:
    """Return width divided by height of the frame for a picture of this size."""
    if not width or not height:
        return UNKNOWN
    return min(max(width / height, NARROWEST), WIDEST)


def classes(width: int | None, height: int | None) -> str:
    """Return the classes of that frame; `is-whole` where the picture does not fill it."""
    shape = proportion(width, height)
    name = f"r-{round(math.log(shape) / STEP) - FIRST_STEP}"
    fills = bool(width and height) and math.isclose(shape, (width or 0) / (height or 1))
    return name if fills else f"{name} is-whole"


def stylesheet() -> str:
    """Return the stylesheet with a rule for each class."""
    rules = [
        f".r-{step - FIRST_STEP}{{--shape:{math.exp(step * STEP):.4f}}}"
        for step in range(FIRST_STEP, LAST_STEP + 1)
    ]
    return "\n".join(["/* Made by museum/images/frames.py. */", *rules, ""])


if __name__ == "__main__":
    sys.stdout.write(stylesheet())
