"""Pictures as the model sees them, decoded once and kept on disk as plain pixels.

A picture of 224 pixels a side is 150 kB: 100,000 are 15 GB, which the system's cache holds or the
disk reads far faster than anyone decodes JPEG. So no epoch but the first waits for a decoder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from museum.images.decoding import InvalidPictureError
from search.encoders.preprocess import Preprocess
from training.datasets import Item

_CHUNK = 256


@dataclass(frozen=True)
class Pixels:
    """`rows` is (n, height, width, 3) uint8; `unreadable` says why by row, which are black."""

    rows: np.ndarray
    unreadable: dict[int, str]
    key: str


def prepare(
    items: Sequence[Item], wanted: Preprocess, folder: Path, *, progress: bool = False
) -> Pixels:
    """Return the pixels of `items`, from `folder` or decoded now; it may be deleted at any time."""
    key = _key(items, wanted)
    path, notes = folder / f"{key}.npy", folder / f"{key}.json"
    if not (path.exists() and notes.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        _decode_all(items, wanted, path, notes, progress=progress)
    unreadable = {int(row): why for row, why in json.loads(notes.read_text()).items()}
    return Pixels(np.load(path, mmap_mode="r"), unreadable, key)


def _key(items: Sequence[Item], wanted: Preprocess) -> str:
    digest = hashlib.blake2b(repr(wanted).encode(), digest_size=16)
    for item in items:
        digest.update(item.image.encode() + b"\n")
    return digest.hexdigest()


def _decode_all(
    items: Sequence[Item], wanted: Preprocess, path: Path, notes: Path, *, progress: bool
) -> None:
    """Decode into `path` by threads; an interrupted run leaves no file of that name."""
    partial = path.with_suffix(f".{os.getpid()}.partial")
    shape = (len(items), *wanted.size, 3)
    rows = np.lib.format.open_memmap(partial, "w+", np.uint8, shape)
    unreadable: dict[int, str] = {}

    def decode(row: int) -> None:
        try:
            rows[row] = np.asarray(wanted.fitted(items[row].open()))
        except (OSError, InvalidPictureError) as error:
            unreadable[row] = str(error)

    with (
        ThreadPoolExecutor(os.cpu_count()) as pool,
        tqdm(total=len(items), desc="pictures", unit="", disable=None if progress else True) as bar,
    ):
        for start in range(0, len(items), _CHUNK):
            numbers = range(start, min(start + _CHUNK, len(items)))
            for _ in pool.map(decode, numbers):
                bar.update()
    rows.flush()
    notes.write_text(json.dumps(unreadable))
    partial.rename(path)
