"""Minimal pairs: a picture, a text that describes it, and the same text with one thing wrong.

There are two sources: shapes drawn here, balanced so that a model that ignores the picture gets
50 %; and edited texts of the data, which language alone may partly give away. Accuracy is the share
of pairs whose right text is nearer to the picture.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from search.encoders import Encoder
from training.evaluation import significance

KINDS = ("counting", "colour binding", "negation", "position")
MIN_PAIRS = 30  # of a kind that is reported
PICTURE_PIXELS = 224
_COLOURS = ("red", "green", "blue", "yellow", "purple", "black", "orange", "brown")
_SHAPES = ("circle", "square", "triangle")
_NUMBERS = ("one", "two", "three", "four", "five")
# Places of up to five shapes, as fractions of the picture.
_PLACES = ((0.2, 0.2), (0.8, 0.8), (0.2, 0.8), (0.8, 0.2), (0.5, 0.5))
_OPPOSITES = {
    "left": "right",
    "above": "below",
    "in front of": "behind",
    "foreground": "background",
}
_OPPOSITES |= {value: key for key, value in _OPPOSITES.items()}


@dataclass(frozen=True)
class Pair:
    """A picture with a text that describes it, and one that does not."""

    kind: str
    picture: Image.Image
    right: str
    wrong: str


def draw_pairs(number: int, seed: int = 0) -> list[Pair]:
    """Draw `number` pairs of each kind."""
    rng = random.Random(seed)
    makers = (_counting, _colours, _negation, _position)
    return [make(rng) for make in makers for _ in range(number)]


def _counting(rng: random.Random) -> Pair:
    right, wrong = rng.sample(range(1, len(_NUMBERS) + 1), 2)
    shape, colour = rng.choice(_SHAPES), rng.choice(_COLOURS)
    places = rng.sample(_PLACES, right)
    picture = _picture([(shape, colour, *place) for place in places])

    def text(count: int) -> str:
        return f"{_NUMBERS[count - 1]} {colour} {shape}{'s' if count > 1 else ''}"

    return Pair("counting", picture, text(right), text(wrong))


def _colours(rng: random.Random) -> Pair:
    (one, other), (c1, c2) = rng.sample(_SHAPES, 2), rng.sample(_COLOURS, 2)
    picture = _picture([(one, c1, 0.27, 0.5), (other, c2, 0.73, 0.5)])
    right = f"a {c1} {one} and a {c2} {other}"
    return Pair("colour binding", picture, right, f"a {c2} {one} and a {c1} {other}")


def _negation(rng: random.Random) -> Pair:
    (one, other), colours = rng.sample(_SHAPES, 2), rng.sample(_COLOURS, 2)
    is_alone = rng.random() < 0.5
    things = [(one, colours[0], 0.27, 0.5), (other, colours[1], 0.73, 0.5)]
    texts = {True: f"a {one} without a {other}", False: f"a {one} with a {other}"}
    return Pair("negation", _picture(things[: 2 - is_alone]), texts[is_alone], texts[not is_alone])


def _position(rng: random.Random) -> Pair:
    (one, other), (c1, c2) = rng.sample(_SHAPES, 2), rng.sample(_COLOURS, 2)
    first, second = rng.sample([0.25, 0.75], 2)
    if rng.random() < 0.5:
        things = [(one, c1, first, 0.5), (other, c2, second, 0.5)]
        words = ("to the left of", "to the right of")
    else:
        things = [(one, c1, 0.5, first), (other, c2, 0.5, second)]
        words = ("above", "below")
    right, wrong = words if first < second else words[::-1]
    return Pair(
        "position", _picture(things), f"a {one} {right} a {other}", f"a {one} {wrong} a {other}"
    )


def _picture(things: Sequence[tuple[str, str, float, float]]) -> Image.Image:
    picture = Image.new("RGB", (PICTURE_PIXELS, PICTURE_PIXELS), "white")
    draw, half = ImageDraw.Draw(picture), PICTURE_PIXELS * 0.13
    for shape, colour, across, down in things:
        x, y = across * PICTURE_PIXELS, down * PICTURE_PIXELS
        box = (x - half, y - half, x + half, y + half)
        if shape == "circle":
            draw.ellipse(box, colour)
        elif shape == "square":
            draw.rectangle(box, colour)
        else:
            draw.polygon([(x, y - half), (x - half, y + half), (x + half, y + half)], colour)
    return picture


def edits(text: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, wrong text) for each kind that applies to `text`."""
    makers = (_other_number, _swapped_colours, _negated, _opposite)
    for kind, make in zip(KINDS, makers, strict=True):
        wrong = make(text)
        if wrong is not None and wrong != text:
            yield kind, wrong


def _other_number(text: str) -> str | None:
    match = re.search(r"\b(two|three|four|five)\b", text)
    if match is None:
        return None
    other = _NUMBERS[1:][(_NUMBERS[1:].index(match[0]) + 1) % len(_NUMBERS[1:])]
    return f"{text[: match.start()]}{other}{text[match.end() :]}"


def _swapped_colours(text: str) -> str | None:
    colour = re.compile(rf"\b({'|'.join((*_COLOURS, 'white', 'pink', 'grey', 'gray'))})\b")
    colours = list(dict.fromkeys(colour.findall(text)))
    if len(colours) < 2:
        return None
    swap = {colours[0]: colours[1], colours[1]: colours[0]}
    return colour.sub(lambda match: swap.get(match[0], match[0]), text)


def _negated(text: str) -> str | None:
    if re.search(r"\bwithout\b", text):
        return re.sub(r"\bwithout\b", "with", text, count=1)
    return re.sub(r"\bwith\b", "without", text, count=1)


def _opposite(text: str) -> str | None:
    match = re.search(rf"\b({'|'.join(_OPPOSITES)})\b", text)
    return match and f"{text[: match.start()]}{_OPPOSITES[match[0]]}{text[match.end() :]}"


def accuracy_on_drawn_pairs(encoder: Encoder, number: int) -> dict[str, dict[str, Any]]:
    """Return the `accuracy` on `number` drawn pairs of each kind."""
    pairs = draw_pairs(number)
    pictures = encoder.encode_images([pair.picture for pair in pairs])
    return accuracy(encoder, pictures, [(pair.kind, pair.right, pair.wrong) for pair in pairs])


def accuracy(
    encoder: Encoder, pictures: np.ndarray, pairs: Sequence[tuple[str, str, str]]
) -> dict[str, dict[str, Any]]:
    """Return by kind the number of pairs and the accuracy with its 95 % interval.

    `pictures` (n, dim) are vectors; `pairs` are (kind, right text, wrong text). Equal scores count
    half. Kinds with fewer than `MIN_PAIRS` pairs are left out.
    """
    right, wrong = (encoder.encode_texts([pair[side] for pair in pairs]) for side in (1, 2))
    gains = ((pictures * right).sum(axis=1) - (pictures * wrong).sum(axis=1)).round(6)
    correct = (np.sign(gains) + 1) / 2
    report = {}
    for kind in KINDS:
        is_kind = np.array([pair[0] == kind for pair in pairs], bool)
        if is_kind.sum() >= MIN_PAIRS:
            summary = significance.summary(correct[is_kind][:, None], ["accuracy"])
            report[kind] = {"pairs": int(is_kind.sum()), **summary["accuracy"]}
    return report
