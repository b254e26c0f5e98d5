"""Figures that take longer to count than anybody waits for a page.

The last ones are shown, with their age, while a thread of this process counts anew. Until the first
are there, a page says that they are being counted.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from museum.core.caching import typed_cache

logger = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE = 0.1  # seconds: a small museum's figures are there by then
COUNT_TTL_SECONDS = 300  # for which nobody else counts the same
FIGURES_TTL_SECONDS = 24 * 3600

_threads: set[threading.Thread] = set()


@dataclass(frozen=True)
class Kept(Generic[T]):
    """Figures and when they were counted."""

    value: T
    at: datetime

    @property
    def age(self) -> timedelta:
        """How long ago that was."""
        return timezone.now() - self.at


def lately(
    key: str, kind: type[T], count: Callable[[], T], fresh: Callable[[T], float]
) -> Kept[T] | None:
    """Return the last figures of that name, a `kind`, or None where there are none yet.

    Where they are older than the seconds that `fresh` gives them, or missing, `count` is called in
    a thread, once for all processes that share a cache.
    """
    found = _read(key, kind)
    if found is not None and found.age.total_seconds() < fresh(found.value):
        return found
    if cache.add(f"{key}:counting", True, COUNT_TTL_SECONDS):
        if connection.in_atomic_block:  # of which a thread would see nothing
            _count(key, count)
        else:
            thread = threading.Thread(target=_count_apart, args=(key, count), name=key, daemon=True)
            _threads.add(thread)
            thread.start()
            thread.join(PATIENCE)
    return _read(key, kind) or found


def settle() -> None:
    """Wait until nothing is being counted in this process."""
    for thread in list(_threads):
        thread.join()


def _read(key: str, kind: type[T]) -> Kept[T] | None:
    return typed_cache.read(key, Kept[kind])  # type: ignore[valid-type]


def _count_apart(key: str, count: Callable[[], T]) -> None:
    try:
        _count(key, count)
    except Exception:
        # Nobody waits for this thread; the next page begins another.
        logger.exception("event=not-counted what=%s", key)
    finally:
        connection.close()  # this thread's own
        _threads.discard(threading.current_thread())


def _count(key: str, count: Callable[[], T]) -> None:
    try:
        cache.set(key, Kept(count(), timezone.now()), FIGURES_TTL_SECONDS)
    finally:
        cache.delete(f"{key}:counting")
