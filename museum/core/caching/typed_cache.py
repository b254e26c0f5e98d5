"""Django's cache for values of a known type: what is read is of that type, or counts as missing.

Types are those that `museum.core.caching.entries` writes: numbers, texts, bytes, dates, arrays, and
dataclasses, tuples, lists and mappings of these.
"""

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

from museum.core.caching.entries import UnreadableEntryError, convert, log_unreadable

T = TypeVar("T")


def read(key: str, kind: type[T]) -> T | None:
    """Return what is kept under `key`; None where there is nothing, or nothing of that `kind`."""
    plain = cache.get(key)
    if plain is None:
        return None
    try:
        return convert(plain, kind)
    except UnreadableEntryError as error:
        log_unreadable(key, error)
        return None


def read_or_make(key: str, kind: type[T], make: Callable[[], T], ttl_seconds: float) -> T:
    """Return what is kept under `key`, made and kept for `ttl_seconds` where it is missing."""
    value = read(key, kind)
    if value is None:
        value = make()
        cache.set(key, value, ttl_seconds)
    return value
