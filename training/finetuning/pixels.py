"""Pictures as the model sees them, decoded once and kept on disk as plain pixels.

A picture of 224 pixels a side is 150 kB: 100,000 are 15 GB, which the system's cache holds or the
disk reads far faster than a CPU decodes JPEG. So only the first epoch waits for decoding.
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

from museum.images.decoding import InvalidPicture
from search.encoders.preprocess import Preprocess
from training.datasets.dataset import Item

_CHUNK = 256


@dataclass(frozen=True)
class Pixels:
    """`rows` is (n, height, width, 3) uint8; `unreadable` has the errors by row, which is black."""

    rows: np.ndarray
    unreadable: dict[int, str]
    key: str


def prepare(
    items: Sequence[Item], preprocess: Preprocess, folder: Path, *, progress: bool = False
) -> Pixels:
    """Return the pixels of `items`, decoded into the cache `folder` unless they are there."""
    key = _key(items, preprocess)
    path, errors_path = folder / f"{key}.npy", folder / f"{key}.json"
    if not (path.exists() and errors_path.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        _decode_all(items, preprocess, path, errors_path, progress=progress)
    unreadable = {int(row): why for row, why in json.loads(errors_path.read_text()).items()}
    return Pixels(np.load(path, mmap_mode="r"), unreadable, key)


def _key(items: Sequence[Item], preprocess: Preprocess) -> str:
    digest = hashlib.blake2b(repr(preprocess).encode(), digest_size=16)
    for item in items:
        digest.update(item.image.encode() + b"\n")
    return digest.hexdigest()


def _decode_all(
    items: Sequence[Item], preprocess: Preprocess, path: Path, errors_path: Path, *, progress: bool
) -> None:
    """Decode into `path` with threads; an interrupted run leaves no file of that name."""
    partial = path.with_suffix(f".{os.getpid()}.partial")
    shape = (len(items), *preprocess.size, 3)
    rows = np.lib.format.open_memmap(partial, "w+", np.uint8, shape)
    unreadable: dict[int, str] = {}

    def decode(row: int) -> None:
        try:
            rows[row] = np.asarray(preprocess.fitted(items[row].open()))
        except (OSError, InvalidPicture) as error:
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
    errors_path.write_text(json.dumps(unreadable))
    partial.rename(path)
