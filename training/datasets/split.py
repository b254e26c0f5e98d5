"""The split into training, validation and test, by group: decided once, stored and reused."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from training.datasets.dataset import Dataset, Item

PARTS = ("train", "val", "test")
PART_SHARES = {"val": 0.1, "test": 0.1}
MAX_PHASH_DISTANCE = 4  # bits; two scans of one plate differ in a few


class UnionFind:
    """Disjoint sets of items, merged step by step."""

    def __init__(self, number: int) -> None:
        self._parent = list(range(number))

    def find(self, item: int) -> int:
        """Return the item that represents the group of `item`."""
        while self._parent[item] != item:
            self._parent[item] = self._parent[self._parent[item]]
            item = self._parent[item]
        return item

    def join(self, one: int, other: int) -> None:
        """Merge two groups; the smaller number represents the result."""
        low, high = sorted((self.find(one), self.find(other)))
        self._parent[high] = low


def groups(items: Sequence[Item]) -> list[str]:
    """Return the group of each item, named by the smallest key in it."""
    sets = UnionFind(len(items))
    for pairs in (_ties(items), _near_hashes(items)):
        for one, other in pairs:
            sets.join(one, other)
    least: dict[int, str] = {}
    for number, item in enumerate(items):
        root = sets.find(number)
        least[root] = min(item.key, least.get(root, item.key))
    return [least[sets.find(number)] for number in range(len(items))]


def _ties(items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for number, item in enumerate(items):
        for tie in (f"picture {item.image}", *item.ties):
            yield first.setdefault(tie, number), number


def _near_hashes(items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """Yield pairs of items whose perceptual hashes differ in few bits.

    If at most four of 64 bits differ, at least one of five parts is equal: only items with an equal
    part are compared.
    """
    buckets: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for number, item in enumerate(items):
        if item.phash is None:
            continue
        bits = item.phash & (2**64 - 1)
        if bits.bit_count() in (0, 64):
            continue  # the hash of a plain picture identifies nothing
        for part in range(MAX_PHASH_DISTANCE + 1):
            bucket = buckets.setdefault((part, bits >> (13 * part) & 0x1FFF), [])
            for other, theirs in bucket:
                if (bits ^ theirs).bit_count() <= MAX_PHASH_DISTANCE:
                    yield other, number
            bucket.append((number, bits))


def split(dataset: Dataset, seed: int, stored: Path | None = None) -> dict[str, str]:
    """Return the part of each item by its key.

    Groups are taken in the order of a seeded hash until test and validation have a tenth of the
    items each. With `stored`, items keep the part in that file, and a new item gets the part of its
    group; the result is written back. The publisher's own parts take precedence.
    """
    names = groups(dataset.items)
    members: dict[str, list[str]] = {}
    for item, group in zip(dataset.items, names, strict=True):
        members.setdefault(group, []).append(item.key)
    parts = _read(stored)
    parts.update(dataset.parts)
    targets = {part: share * len(dataset) for part, share in PART_SHARES.items()}
    counts = dict.fromkeys(PARTS, 0)
    for group in _in_order(members, parts, seed):
        part = _assigned_part(members[group], parts) or next(
            (part for part in PART_SHARES if counts[part] < targets[part]), "train"
        )
        for key in members[group]:
            parts.setdefault(key, part)
            counts[parts[key]] += 1
    if stored is not None:
        _write(stored, parts)
    return {item.key: parts[item.key] for item in dataset.items}


def _in_order(members: dict[str, list[str]], parts: dict[str, str], seed: int) -> list[str]:
    """Return the groups in order: those with an assigned part first, the others by their hash."""

    def place(group: str) -> tuple[bool, bytes]:
        digest = hashlib.blake2b(f"{seed}|{group}".encode(), digest_size=8).digest()
        return _assigned_part(members[group], parts) is None, digest

    return sorted(members, key=place)


def _assigned_part(keys: Iterable[str], parts: dict[str, str]) -> str | None:
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
