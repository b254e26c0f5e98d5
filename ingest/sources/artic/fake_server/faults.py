"""Faults of the fake server, each with its probability, repeatable by seed."""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field

HTML_PAGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    b"<body><h1>Checking your browser</h1></body></html>"
)


@dataclass
class Faults:
    """Probabilities from 0 to 1 and a delay in milliseconds; all zero means a healthy server.

    `forbidden` picks pictures, not requests: the same ones are refused however often one asks.
    """

    latency: float = 0.0
    error_500: float = 0.0
    drop: float = 0.0
    html: float = 0.0
    forbidden: float = 0.0
    seed: int = 0
    _asked: Counter[str] = field(init=False, repr=False, default_factory=Counter)
    _lock: threading.Lock = field(init=False, repr=False, default_factory=threading.Lock)

    def draw(self, path: str) -> str | None:
        """Draw the fault of one request: "500", "drop", "cut", "html", or None.

        It depends only on the seed, the path and how often the path was asked for, so a slow
        machine changes nothing but the order of requests.
        """
        with self._lock:
            self._asked[path] += 1
            request = f"{self.seed}:{path}:{self._asked[path]}"
        rng = random.Random(request)  # noqa: S311 - repeatable, not secret
        chance, kind = rng.random(), rng.random()
        if chance < self.error_500:
            return "500"
        if chance < self.error_500 + self.drop:
            # Half of the dropped connections end within the body.
            return "drop" if kind < 0.5 else "cut"
        return "html" if chance < self.error_500 + self.drop + self.html else None

    def forbids(self, image_id: str) -> bool:
        """Tell whether this picture is refused with a 403."""
        choice = random.Random(f"{self.seed}:{image_id}")  # noqa: S311
        return choice.random() < self.forbidden
