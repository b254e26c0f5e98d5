"""Pictures of the sample museum's generator for training: composed, rendered once and cached."""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from PIL import Image
from tqdm import tqdm

import ingest.sample
from ingest.sample.render import render
from ingest.sample.scenes import Scene, compose

logger = logging.getLogger(__name__)

PICTURE_PIXELS = 112  # a side; the model sees the whole picture, squashed to a square
# Pictures are drawn small, which is fast. The museum's are 843 pixels wide: styles whose lines or
# tiles would look different when scaled down are drawn larger.
WIDTHS = (112, 128, 144, 160, 192)
FINE_WIDTHS = {
    "etching": (224, 320, 448),
    "mosaic": (160, 192, 256),
    "pointillism": (160, 192, 256),
    "woven": (160, 256),
}
_CHUNK = 64
_CHUNKS_WITHOUT_POOL = 2  # chunks that take less time than starting other processes
# One pair of attributes in this many is excluded from training.
_UNSEEN_PAIR_ONE_IN = 40


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big")


def has_unseen_pair(scene: Scene) -> bool:
    """Return whether `scene` combines two attributes that no training scene combines."""
    others = (scene.colour, scene.weather, scene.light, scene.style, scene.setting)
    pairs = (f"{scene.subject}|{other}" for other in others if other)
    return any(_hash(pair) % _UNSEEN_PAIR_ONE_IN == 0 for pair in pairs)


def is_held_out(scene: Scene) -> bool:
    """Return whether `scene` is for evaluation: a tenth of the compositions, and unseen pairs."""
    return has_unseen_pair(scene) or _hash(scene.key()) % 10 == 0


def compose_many(number: int, seed: int, *, held_out: bool) -> list[Scene]:
    """Return `number` distinct compositions of one side of the split."""
    rng = random.Random(f"{seed}|{held_out}")
    by_key: dict[str, Scene] = {}
    while len(by_key) < number:
        scene = compose(rng)
        if is_held_out(scene) == held_out:
            by_key.setdefault(scene.key(), scene)
    return list(by_key.values())


def pixels_of(picture: Image.Image) -> np.ndarray:
    """Return what the encoder sees of `picture`: (PICTURE_PIXELS, PICTURE_PIXELS, 3) uint8.

    Equal to open_clip's preprocessing in the resize mode "squash", before normalisation.
    """
    return np.asarray(
        picture.convert("RGB").resize((PICTURE_PIXELS, PICTURE_PIXELS), Image.Resampling.BICUBIC)
    )


def _render_width(scene: Scene, number: int) -> int:
    widths = FINE_WIDTHS.get(scene.style, WIDTHS)
    return widths[number % len(widths)]


def _render_chunk(scenes: Sequence[Scene], start: int) -> np.ndarray:
    numbered = enumerate(scenes, start)
    return np.stack([pixels_of(render(s, _render_width(s, n), n)) for n, s in numbered])


@dataclass(frozen=True)
class Corpus:
    """Scenes and their pixels, (n, PICTURE_PIXELS, PICTURE_PIXELS, 3) uint8, row by row."""

    scenes: list[Scene]
    pixels: np.ndarray

    def pictures(self) -> Iterator[Image.Image]:
        """Yield the pictures as the encoder receives them."""
        return (Image.fromarray(row) for row in self.pixels)


def make_corpus(number: int, seed: int, *, held_out: bool, progress: bool = False) -> Corpus:
    """Return `number` compositions with their pictures, rendered now or read from the cache."""
    return render_corpus(compose_many(number, seed, held_out=held_out), progress=progress)


def render_corpus(scenes: list[Scene], *, progress: bool = False) -> Corpus:
    """Return `scenes` with their pictures, rendered now or read from the cache."""
    path = cache_folder() / f"{_generator_hash(scenes)}.npy"
    if not path.exists():
        _render_all(scenes, path, progress=progress)
    return Corpus(scenes, np.load(path, mmap_mode="r"))


def cache_folder() -> Path:
    """Return the folder of the rendered pictures; it may be deleted at any time."""
    folder = settings.DATA_DIR / "cache" / "train_demo"
    folder.mkdir(parents=True, exist_ok=True)
    return Path(folder)


def renderer_hash() -> str:
    """Return a hash of the source files that determine how a scene looks."""
    digest = hashlib.blake2b(digest_size=8)
    folder = Path(ingest.sample.__path__[0])
    for source in sorted((folder / "scenes.py", *(folder / "render").rglob("*.py"))):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _generator_hash(scenes: Sequence[Scene]) -> str:
    digest = hashlib.blake2b(
        f"{renderer_hash()} {PICTURE_PIXELS} {WIDTHS} {FINE_WIDTHS}".encode(), digest_size=8
    )
    for scene in scenes:
        digest.update(scene.key().encode())
    return digest.hexdigest()


def _render_all(scenes: Sequence[Scene], path: Path, *, progress: bool) -> None:
    """Render into `path` with all cores; an interrupted run leaves no file of that name."""
    partial = path.with_suffix(".partial")
    shape = (len(scenes), PICTURE_PIXELS, PICTURE_PIXELS, 3)
    pixels = np.lib.format.open_memmap(partial, "w+", np.uint8, shape)
    starts = range(0, len(scenes), _CHUNK)
    chunks = [scenes[start : start + _CHUNK] for start in starts]
    with ExitStack() as stack:
        draw: Iterator[np.ndarray] = map(_render_chunk, chunks, starts)
        if len(chunks) > _CHUNKS_WITHOUT_POOL:
            # Not "fork": torch may have threads.
            context = multiprocessing.get_context("spawn")
            pool = stack.enter_context(ProcessPoolExecutor(mp_context=context))
            draw = pool.map(_render_chunk, chunks, starts)
        progress_bar = tqdm(draw, "rendering", len(chunks), disable=not progress)
        for start, rows in zip(starts, progress_bar, strict=True):
            pixels[start : start + len(rows)] = rows
    pixels.flush()
    partial.rename(path)
