"""Pictures with texts, in one form for training and evaluation, whatever they were read from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from PIL import Image


class DatasetError(Exception):
    """The data cannot be used as they are; the message says what was expected and where."""


@dataclass(frozen=True)
class Item:
    """One picture with what is written about it.

    `open` returns the upright RGB picture; it raises `OSError` or `InvalidPicture`.
    `image` identifies the picture's content: another picture has another value. `captions` are
    plain texts by people (descriptions, captions), `alt_texts` describe what is visible, `facts`
    are catalogue data such as medium and date. Items that share a value of `ties` (an artist, a
    plate, a scan) form one group and are never split apart.
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
class HardNegativeQuery:
    """A query with the keys of items that answer it, and of items that only seem to."""

    query: str
    positives: tuple[str, ...]
    negatives: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """Items in a fixed order. `name` is fit for a file's name; `spec` loads the data again.

    `parts` holds the publisher's own part ("train", "val" or "test") by item key, where there is
    one: it takes precedence over ours. `hard_negatives` are queries to learn from in addition to
    the items' own texts.
    """

    name: str
    spec: str
    items: Sequence[Item]
    licence: str = ""
    is_generated: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    hard_negatives: Sequence[HardNegativeQuery] = ()

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def fingerprint(self) -> str:
        """32 hexadecimal digits over all pictures, texts and judgments."""
        digest = hashlib.blake2b(self.name.encode(), digest_size=16)
        for item in self.items:
            texts = (item.captions, item.alt_texts, item.title, item.artist, item.facts, item.ties)
            digest.update(repr((item.key, item.image, texts)).encode())
        for query in self.hard_negatives:
            digest.update(repr((query.query, query.positives, query.negatives)).encode())
        return digest.hexdigest()
