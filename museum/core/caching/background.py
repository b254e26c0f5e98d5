"""Serve values that are too slow to compute during a request, and refresh them in a thread.

A page shows the last value with its age while a thread of this process computes a new one
(stale-while-revalidate, as RFC 5861 names it). Before there is a first value, the page says that it
is being computed.
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

FIRST_WAIT_SECONDS = 0.1  # a small museum's value is ready by then
LOCK_TTL_SECONDS = 300  # for which no other process computes the same value
VALUE_TTL_SECONDS = 24 * 3600

_threads: set[threading.Thread] = set()


@dataclass(frozen=True)
class CachedValue(Generic[T]):
    """A value and when it was computed."""

    value: T
    computed_at: datetime

    @property
    def age(self) -> timedelta:
        """How long ago it was computed."""
        return timezone.now() - self.computed_at


def stale_while_revalidate(
    key: str, kind: type[T], compute: Callable[[], T], max_age_seconds: Callable[[T], float]
) -> CachedValue[T] | None:
    """Return the last value under `key`, a `kind`; None where there is none yet.

    Where it is missing or older than `max_age_seconds(value)`, a thread calls `compute`, one thread
    for all processes that share a cache.
    """
    cached = _read(key, kind)
    if cached is not None and cached.age.total_seconds() < max_age_seconds(cached.value):
        return cached
    if cache.add(f"{key}:counting", True, LOCK_TTL_SECONDS):
        if connection.in_atomic_block:  # another thread would not see its changes
            _compute(key, compute)
        else:
            thread = threading.Thread(
                target=_compute_in_thread, args=(key, compute), name=key, daemon=True
            )
            _threads.add(thread)
            thread.start()
            thread.join(FIRST_WAIT_SECONDS)
    return _read(key, kind) or cached


def join_threads() -> None:
    """Wait until this process computes nothing any more."""
    for thread in list(_threads):
        thread.join()


def _read(key: str, kind: type[T]) -> CachedValue[T] | None:
    return typed_cache.read(key, CachedValue[kind])  # type: ignore[valid-type]


def _compute_in_thread(key: str, compute: Callable[[], T]) -> None:
    try:
        _compute(key, compute)
    except Exception:
        # No request waits for this thread; the next one starts another.
        logger.exception("event=not-counted what=%s", key)
    finally:
        connection.close()  # this thread's own
        _threads.discard(threading.current_thread())


def _compute(key: str, compute: Callable[[], T]) -> None:
    try:
        cache.set(key, CachedValue(compute(), timezone.now()), VALUE_TTL_SECONDS)
    finally:
        cache.delete(f"{key}:counting")
