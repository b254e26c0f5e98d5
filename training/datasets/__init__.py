"""Collections of pictures with texts, in one form for training and evaluation.

`load` reads a spec such as "artic", "folder:DIR" or "coco:DIR". Each kind is a module of this
package with a function `load(folder)`; add a kind to `KINDS` and it is known everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path

from PIL import Image

# The module of each kind, and whether the spec goes on with ":DIR".
KINDS: dict[str, tuple[str, bool]] = {
    "artic": ("museum", False),
    "sample": ("museum", False),
    "artic+generated": ("museum", False),
    "sample+generated": ("museum", False),
    "folder": ("folder", True),
    "coco": ("coco", True),
    "flickr30k": ("flickr30k", True),
    "visual_genome": ("visual_genome", True),
    "unsplash": ("unsplash", True),
}


class DatasetError(Exception):
    """The data cannot be used as they are; the message says what was expected and where."""


@dataclass(frozen=True)
class Item:
    """One picture with what is written about it.

    `open` gives the upright RGB picture; it raises `OSError` or `InvalidPictureError`.
    `image` names the picture's content: another picture has another name. `captions` are plain
    texts by people (descriptions, captions), `alt_texts` say what is seen, `facts` are catalogue
    data such as medium and date. Items with a value of `ties` in common (an artist, a plate, a
    scan) belong to one group and are never split apart.
    """

    key: str
    open: Callable[[], Image.Image] = field(compare=False, repr=False)
    image: str
    captions: tuple[str, ...] = ()
    alt_texts: tuple[str, ...] = ()
    title: str = ""
    artist: str = ""
    facts: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    phash: int | None = None  # 64 bits, as in `Artwork.phash`


@dataclass(frozen=True)
class Judged:
    """A query with the keys of items that answer it, and of items that were taken for answers
    though they are none."""

    query: str
    positives: tuple[str, ...]
    negatives: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """Items in a fixed order. `name` is fit for a file's name; `spec` loads it again.

    `parts` gives the publisher's own part ("train", "val" or "test") by item key, where there is
    one: it wins over ours. `judged` are queries to learn from beside the items' own texts.
    """

    name: str
    spec: str
    items: Sequence[Item]
    licence: str = ""
    is_generated: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    judged: Sequence[Judged] = ()

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def fingerprint(self) -> str:
        """32 hexadecimal digits over all pictures, texts and judgments."""
        digest = hashlib.blake2b(self.name.encode(), digest_size=16)
        for item in self.items:
            said = (item.captions, item.alt_texts, item.title, item.artist, item.facts, item.ties)
            digest.update(repr((item.key, item.image, said)).encode())
        for each in self.judged:
            digest.update(repr(each).encode())
        return digest.hexdigest()


def load(spec: str) -> Dataset:
    """Read the data that `spec` names; pictures are opened later. Raises `DatasetError`."""
    kind, colon, rest = spec.partition(":")
    if kind not in KINDS:
        raise DatasetError(f"{spec!r} is no data: give {', '.join(map(_shown, KINDS))}")
    module, takes_folder = KINDS[kind]
    if takes_folder != bool(colon and rest):
        raise DatasetError(f"{spec!r}: write {_shown(kind)}")
    loader = import_module(f"training.datasets.{module}")
    dataset: Dataset = loader.load(Path(rest).expanduser() if takes_folder else kind)
    if not dataset.items:
        raise DatasetError(f"{spec}: there is no picture with a text")
    return dataset


def _shown(kind: str) -> str:
    return f"{kind}:DIR" if KINDS[kind][1] else kind
