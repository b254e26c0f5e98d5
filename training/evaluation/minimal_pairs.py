"""Minimal pairs: a picture, words that fit it, and the same words with one thing wrong.

Two kinds: shapes drawn here, balanced so that a model that ignores the picture gets 50 %; and the
data's own texts, edited, where language alone may give some of it away. Accuracy is the share of
pairs whose right words are the nearer ones.
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
FEWEST = 30  # pairs below which nothing is reported
SIZE = 224
_COLOURS = ("red", "green", "blue", "yellow", "purple", "black", "orange", "brown")
_SHAPES = ("circle", "square", "triangle")
_NUMBERS = ("one", "two", "three", "four", "five")
# Places of up to five things of a third of the picture's size, in parts of it.
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
    """Words that fit a picture and words that do not."""

    kind: str
    picture: Image.Image
    right: str
    wrong: str


def drawn(number: int, seed: int = 0) -> list[Pair]:
    """Draw `number` pairs of each kind."""
    rng = random.Random(seed)
    makers = (_counting, _colours, _negation, _position)
    return [make(rng) for make in makers for _ in range(number)]


def _counting(rng: random.Random) -> Pair:
    right, wrong = rng.sample(range(1, len(_NUMBERS) + 1), 2)
    shape, colour = rng.choice(_SHAPES), rng.choice(_COLOURS)
    places = rng.sample(_PLACES, right)
    picture = _picture([(shape, colour, *place) for place in places])

    def said(count: int) -> str:
        return f"{_NUMBERS[count - 1]} {colour} {shape}{'s' if count > 1 else ''}"

    return Pair("counting", picture, said(right), said(wrong))


def _colours(rng: random.Random) -> Pair:
    (one, other), (c1, c2) = rng.sample(_SHAPES, 2), rng.sample(_COLOURS, 2)
    picture = _picture([(one, c1, 0.27, 0.5), (other, c2, 0.73, 0.5)])
    right = f"a {c1} {one} and a {c2} {other}"
    return Pair("colour binding", picture, right, f"a {c2} {one} and a {c1} {other}")


def _negation(rng: random.Random) -> Pair:
    (one, other), colours = rng.sample(_SHAPES, 2), rng.sample(_COLOURS, 2)
    is_alone = rng.random() < 0.5
    things = [(one, colours[0], 0.27, 0.5), (other, colours[1], 0.73, 0.5)]
    said = {True: f"a {one} without a {other}", False: f"a {one} with a {other}"}
    return Pair("negation", _picture(things[: 2 - is_alone]), said[is_alone], said[not is_alone])


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
    picture = Image.new("RGB", (SIZE, SIZE), "white")
    draw, half = ImageDraw.Draw(picture), SIZE * 0.13
    for shape, colour, across, down in things:
        x, y = across * SIZE, down * SIZE
        box = (x - half, y - half, x + half, y + half)
        if shape == "circle":
            draw.ellipse(box, colour)
        elif shape == "square":
            draw.rectangle(box, colour)
        else:
            draw.polygon([(x, y - half), (x - half, y + half), (x + half, y + half)], colour)
    return picture


def edits(text: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, wrong text) for each kind of which `text` says something."""
    makers = (_other_number, _swapped_colours, _negated, _opposite)
    for kind, make in zip(KINDS, makers, strict=True):
        wrong = make(text)
        if wrong is not None and wrong != text:
            yield kind, wrong


def _other_number(text: str) -> str | None:
    found = re.search(r"\b(two|three|four|five)\b", text)
    if found is None:
        return None
    other = _NUMBERS[1:][(_NUMBERS[1:].index(found[0]) + 1) % len(_NUMBERS[1:])]
    return f"{text[: found.start()]}{other}{text[found.end() :]}"


def _swapped_colours(text: str) -> str | None:
    said = re.compile(rf"\b({'|'.join((*_COLOURS, 'white', 'pink', 'grey', 'gray'))})\b")
    colours = list(dict.fromkeys(said.findall(text)))
    if len(colours) < 2:
        return None
    swap = {colours[0]: colours[1], colours[1]: colours[0]}
    return said.sub(lambda found: swap.get(found[0], found[0]), text)


def _negated(text: str) -> str | None:
    if re.search(r"\bwithout\b", text):
        return re.sub(r"\bwithout\b", "with", text, count=1)
    return re.sub(r"\bwith\b", "without", text, count=1)


def _opposite(text: str) -> str | None:
    found = re.search(rf"\b({'|'.join(_OPPOSITES)})\b", text)
    return found and f"{text[: found.start()]}{_OPPOSITES[found[0]]}{text[found.end() :]}"


def judge_drawn(encoder: Encoder, number: int) -> dict[str, dict[str, Any]]:
    """Return what `judge` does for `number` drawn pairs of each kind."""
    pairs = drawn(number)
    pictures = encoder.encode_images([pair.picture for pair in pairs])
    return judge(encoder, pictures, [(pair.kind, pair.right, pair.wrong) for pair in pairs])


def judge(
    encoder: Encoder, pictures: np.ndarray, pairs: Sequence[tuple[str, str, str]]
) -> dict[str, dict[str, Any]]:
    """Return by kind the number of pairs and the accuracy with its 95 % interval.

    `pictures` (n, dim) are vectors; `pairs` the kind, the right and the wrong words of each. Equal
    scores count half. Kinds with few pairs are left out.
    """
    right, wrong = (encoder.encode_texts([pair[side] for pair in pairs]) for side in (1, 2))
    gains = ((pictures * right).sum(axis=1) - (pictures * wrong).sum(axis=1)).round(6)
    correct = (np.sign(gains) + 1) / 2
    report = {}
    for kind in KINDS:
        of = np.array([pair[0] == kind for pair in pairs], bool)
        if of.sum() >= FEWEST:
            found = significance.summary(correct[of][:, None], ["accuracy"])
            report[kind] = {"pairs": int(of.sum()), **found["accuracy"]}
    return report
