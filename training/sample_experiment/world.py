"""A museum for trying fine-tuning: the generator's world, parted into what a base saw and the rest.

All is generated; nothing here says how much a real museum gains.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from PIL import Image

from ingest.sample import words
from ingest.sample.records import MEDIUMS
from ingest.sample.scenes import MONOCHROME, Scene, compose
from training.datasets.dataset import Dataset, Item
from training.demo_model.corpus import Corpus

NEW_STYLES = frozenset({"woodblock", "mosaic", "pointillism", "etching"})
NEW_SUBJECTS = frozenset(
    {
        "windmill", "castle", "waterfall", "lighthouse", "steamship", "teapot", "skull", "grapes",
        "piano", "fireplace", "owl", "fox", "elephant", "spirals", "triangles", "zigzag", "jar",
    }
)  # fmt: skip
_VERSIONS = 0.25  # share of works of which another version in another style is in the collection


def is_new(scene: Scene) -> bool:
    """Tell whether `scene` has a style or shows a thing that the base never saw."""
    return scene.style in NEW_STYLES or bool(NEW_SUBJECTS & scene.attributes()["subject"])


def known(number: int, seed: int) -> list[Scene]:
    """Return `number` different compositions of what the base may see."""
    rng = random.Random(f"known {seed}")
    found: dict[str, Scene] = {}
    while len(found) < number:
        scene = compose(rng)
        if not is_new(scene):
            found.setdefault(scene.key(), scene)
    return list(found.values())


def collection(number: int, seed: int) -> list[Scene]:
    """Return `number` different works of the museum, all of them new in some way.

    Some designs were made in several styles; their versions belong together.
    """
    rng = random.Random(f"new {seed}")
    found: dict[str, Scene] = {}
    while len(found) < number:
        scene = compose(rng)
        for made in (scene, *_versions(scene, rng)):
            if is_new(made):
                found.setdefault(made.key(), made)
    return list(found.values())[:number]


def _versions(scene: Scene, rng: random.Random) -> Iterator[Scene]:
    colourful = sorted(NEW_STYLES - MONOCHROME - {scene.style})
    if scene.style in MONOCHROME or scene.genre in ("textile", "ceramic"):
        return
    if rng.random() < _VERSIONS:
        yield replace(scene, style=rng.choice(colourful))


def design(scene: Scene) -> str:
    """Name what versions of one design have in common."""
    return replace(scene, style="", shape="").key()


def dataset(name: str, corpus: Corpus) -> Dataset:
    """Return a corpus as data, with the texts that the generator writes."""
    items = [_item(row, scene, corpus.pixels) for row, scene in enumerate(corpus.scenes)]
    return Dataset(name, name, items, licence="CC0", is_generated=True)


def probe(name: str, corpus: Corpus) -> Dataset:
    """Return a corpus as a probe, whose only texts are its `queries`."""
    whole = dataset(name, corpus)
    asked = zip(whole.items, queries(corpus.scenes), strict=True)
    items = [replace(item, captions=(), alt_texts=(text,)) for item, text in asked]
    return replace(whole, items=items)


def queries(scenes: Sequence[Scene]) -> list[str]:
    """Return the alt text of each scene, which names all that it shows."""
    return [words.alt_text(scene, random.Random(scene.key())) for scene in scenes]


def _item(row: int, scene: Scene, pixels: np.ndarray) -> Item:
    rng = random.Random(f"item {scene.key()}")
    return Item(
        key=f"{row:06}",
        open=partial(_open, pixels, row),
        image=scene.key(),
        captions=(words.description(scene, rng),),
        alt_texts=(words.alt_text(scene, rng),),
        title=words.title(scene, rng),
        facts=(MEDIUMS[scene.style][0], scene.genre, scene.subject),
        ties=(design(scene),),
    )


def _open(pixels: np.ndarray, row: int) -> Image.Image:
    return Image.fromarray(np.asarray(pixels[row]))
