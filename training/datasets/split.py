"""Which items are for training, validation and test: by group, decided once, stored and reused."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from training.datasets import Dataset, Item

PARTS = ("train", "val", "test")
SHARES = {"val": 0.1, "test": 0.1}
PHASH_DISTANCE = 4  # bits; two scans of one plate differ in few


class Groups:
    """Union-find over items."""

    def __init__(self, number: int) -> None:
        self._parent = list(range(number))

    def find(self, item: int) -> int:
        """Return the item that stands for the group of `item`."""
        while self._parent[item] != item:
            self._parent[item] = self._parent[self._parent[item]]
            item = self._parent[item]
        return item

    def join(self, one: int, other: int) -> None:
        """Make one group of two; the smaller number stands for it."""
        low, high = sorted((self.find(one), self.find(other)))
        self._parent[high] = low


def groups(items: Sequence[Item]) -> list[str]:
    """Return the group of each item: the least key among all that are tied to it."""
    found = Groups(len(items))
    for column in (_ties(items), _near_hashes(items)):
        for one, other in column:
            found.join(one, other)
    least: dict[int, str] = {}
    for number, item in enumerate(items):
        root = found.find(number)
        least[root] = min(item.key, least.get(root, item.key))
    return [least[found.find(number)] for number in range(len(items))]


def _ties(items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for number, item in enumerate(items):
        for tie in (f"picture {item.image}", *item.ties):
            yield first.setdefault(tie, number), number


def _near_hashes(items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """Yield pairs of like perceptual hashes.

    Of five parts of 64 bits at least one is equal where at most four bits differ: only items with
    an equal part are compared.
    """
    seen: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for number, item in enumerate(items):
        if item.phash is None:
            continue
        bits = item.phash & (2**64 - 1)
        if bits.bit_count() in (0, 64):
            continue  # a plain picture: its hash says nothing
        for part in range(PHASH_DISTANCE + 1):
            bucket = seen.setdefault((part, bits >> (13 * part) & 0x1FFF), [])
            for other, theirs in bucket:
                if (bits ^ theirs).bit_count() <= PHASH_DISTANCE:
                    yield other, number
            bucket.append((number, bits))


def split(dataset: Dataset, seed: int, stored: Path | None = None) -> dict[str, str]:
    """Return the part of each item by its key.

    Groups are taken in the order of a seeded hash until test and validation have a tenth of the
    items each. With `stored`, items keep the part written there, and a new item gets that of its
    group; the result is written back. The publisher's own parts win.
    """
    grouped = groups(dataset.items)
    members: dict[str, list[str]] = {}
    for item, group in zip(dataset.items, grouped, strict=True):
        members.setdefault(group, []).append(item.key)
    parts = _read(stored)
    parts.update(dataset.parts)
    wanted = {part: share * len(dataset) for part, share in SHARES.items()}
    counts = dict.fromkeys(PARTS, 0)
    for group in _ordered(members, parts, seed):
        part = _known(members[group], parts) or next(
            (part for part in SHARES if counts[part] < wanted[part]), "train"
        )
        for key in members[group]:
            parts.setdefault(key, part)
            counts[parts[key]] += 1
    if stored is not None:
        _write(stored, parts)
    return {item.key: parts[item.key] for item in dataset.items}


def _ordered(members: dict[str, list[str]], parts: dict[str, str], seed: int) -> list[str]:
    """Order the groups: those with a known part first, the others by their hash."""

    def place(group: str) -> tuple[bool, bytes]:
        digest = hashlib.blake2b(f"{seed}|{group}".encode(), digest_size=8).digest()
        return _known(members[group], parts) is None, digest

    return sorted(members, key=place)


def _known(keys: Iterable[str], parts: dict[str, str]) -> str | None:
    return next((parts[key] for key in keys if key in parts), None)


def _read(path: Path | None) -> dict[str, str]:
    if path is None or not path.exists():
        return {}
    parts: dict[str, str] = json.loads(path.read_text("utf-8"))
    return parts


def _write(path: Path, parts: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(parts, indent=0, sort_keys=True) + "\n", "utf-8")
    os.replace(partial, path)
