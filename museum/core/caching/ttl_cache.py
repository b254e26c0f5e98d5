"""Values that one process keeps for a while, for all its threads."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar, cast

from cachetools import TLRUCache

T = TypeVar("T")
MAX_ENTRIES = 1_000
_MISSING = object()


class TtlCache(Generic[T]):
    """Values by key, each for `ttl_seconds` from when it was made, or for what those say of it.

    Threads that miss at the same moment each make the value. What raises is not kept.
    """

    def __init__(
        self, ttl_seconds: float | Callable[[T], float], max_entries: int = MAX_ENTRIES
    ) -> None:
        def expiry(key: Hashable, value: T, now: float) -> float:
            return now + (ttl_seconds(value) if callable(ttl_seconds) else ttl_seconds)

        self._entries: TLRUCache[Hashable, T] = TLRUCache(max_entries, ttu=expiry, timer=_now)
        self._lock = threading.Lock()

    def get_or_make(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of `key`, made now unless it is there."""
        with self._lock:
            value = self._entries.get(key, cast(T, _MISSING))
        return self.put(key, make()) if value is _MISSING else value

    def put(self, key: Hashable, value: T) -> T:
        """Keep `value` and return it."""
        with self._lock:
            self._entries[key] = value
        return value

    def clear(self) -> None:
        """Make every value anew next time."""
        with self._lock:
            self._entries.clear()


def _now() -> float:
    return time.monotonic()  # looked up each time, so that tests can set it
