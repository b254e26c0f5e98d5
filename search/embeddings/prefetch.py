"""Read, decode and prepare pictures in threads, so that the model never waits for one."""

import os
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from museum.images import decoding, storage
from search.encoders import Encoder

DECODER_THREADS = min(4, os.cpu_count() or 1)


class PicturePrefetcher:
    """A thread pool that prepares stored pictures for the model. Use as a context manager.

    Prepared inputs wait in memory, each less than a megabyte. Each thread holds at most one full
    picture.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._pool = ThreadPoolExecutor(DECODER_THREADS, "decode")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def submit(self, sha256: str) -> Future[Any]:
        """Begin with a picture; the result raises `OSError` or `InvalidPictureError`."""
        return self._pool.submit(self._prepare, sha256)

    def _prepare(self, sha256: str) -> Any:
        return self._encoder.prepare(decoding.decode(storage.read(sha256)))


@dataclass
class Throughput:
    """Measure pictures a second of embedding, and of the model alone.

    `text_s` is the time in seconds that the model spent on texts, which is subtracted.
    """

    pictures: int = 0
    text_s: float = 0.0
    started: float = field(default_factory=time.perf_counter)
    sample: list[Any] = field(default_factory=list)

    def rates(self, encoder: Encoder) -> dict[str, float | None]:
        """Return pictures a second from storage to database, and through the model alone.

        The second figure is measured here, on the last batch of pictures.
        """
        seconds = time.perf_counter() - self.started - self.text_s
        if not self.sample:
            return {"pictures_per_s": None, "model_pictures_per_s": None}
        alone = []
        for _ in range(2):
            started = time.perf_counter()
            encoder.encode_images(self.sample)
            alone.append(time.perf_counter() - started)
        return {
            "pictures_per_s": round(self.pictures / seconds, 2),
            "model_pictures_per_s": round(len(self.sample) / min(alone), 2),
        }
