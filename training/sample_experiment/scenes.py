"""The scenes of the experiment: those that the base may see, and the museum's, which are new to it.

All are generated: they do not show how much a real museum gains.
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
_VERSION_SHARE = 0.25  # of works with a second version in another style


def is_new(scene: Scene) -> bool:
    """Return whether `scene` has a style or shows a subject that the base never saw."""
    return scene.style in NEW_STYLES or bool(NEW_SUBJECTS & scene.attributes()["subject"])


def known_scenes(number: int, seed: int) -> list[Scene]:
    """Return `number` distinct compositions that the base may see."""
    rng = random.Random(f"known {seed}")
    by_key: dict[str, Scene] = {}
    while len(by_key) < number:
        scene = compose(rng)
        if not is_new(scene):
            by_key.setdefault(scene.key(), scene)
    return list(by_key.values())


def collection_scenes(number: int, seed: int) -> list[Scene]:
    """Return `number` distinct works of the museum, each with something new to the base.

    Some designs occur in several styles; their versions form a group.
    """
    rng = random.Random(f"new {seed}")
    by_key: dict[str, Scene] = {}
    while len(by_key) < number:
        scene = compose(rng)
        for version in (scene, *_versions(scene, rng)):
            if is_new(version):
                by_key.setdefault(version.key(), version)
    return list(by_key.values())[:number]


def _versions(scene: Scene, rng: random.Random) -> Iterator[Scene]:
    colourful = sorted(NEW_STYLES - MONOCHROME - {scene.style})
    if scene.style in MONOCHROME or scene.genre in ("textile", "ceramic"):
        return
    if rng.random() < _VERSION_SHARE:
        yield replace(scene, style=rng.choice(colourful))


def design(scene: Scene) -> str:
    """Return the key that all versions of one design share."""
    return replace(scene, style="", shape="").key()


def dataset(name: str, corpus: Corpus) -> Dataset:
    """Return a corpus as a dataset, with the texts of the generator."""
    items = [_item(row, scene, corpus.pixels) for row, scene in enumerate(corpus.scenes)]
    return Dataset(name, name, items, licence="CC0", is_generated=True)


def probe(name: str, corpus: Corpus) -> Dataset:
    """Return a corpus as a probe with one text for each work: its alt text."""
    whole = dataset(name, corpus)
    pairs = zip(whole.items, alt_texts(corpus.scenes), strict=True)
    items = [replace(item, captions=(), alt_texts=(text,)) for item, text in pairs]
    return replace(whole, items=items)


def alt_texts(scenes: Sequence[Scene]) -> list[str]:
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
