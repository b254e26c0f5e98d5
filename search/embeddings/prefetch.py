"""Pictures read, decoded and prepared by threads, so that the model never waits for one."""

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
    """A pool that makes the model's input of stored pictures. Use as a context manager.

    What waits is prepared input, less than a megabyte each; full pictures are held by the threads
    alone, one each.
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
        """Begin with a picture; the result raises `OSError` or `InvalidPicture` if it is bad."""
        return self._pool.submit(self._prepare, sha256)

    def _prepare(self, sha256: str) -> Any:
        return self._encoder.prepare(decoding.decode(storage.read(sha256)))


@dataclass
class Throughput:
    """How many pictures were encoded in how much time, and how many the model alone would do.

    `text_s` is the time that the model spent on texts meanwhile, which is no time of pictures.
    """

    pictures: int = 0
    text_s: float = 0.0
    started: float = field(default_factory=time.perf_counter)
    sample: list[Any] = field(default_factory=list)

    def rates(self, encoder: Encoder) -> dict[str, float | None]:
        """Pictures a second from storage to database, and through the model alone.

        The latter is measured here, on the pictures encoded last with nothing beside them.
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
