"""Memoize functions in web processes, for a fraction of a second."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from museum.core.caching.ttl_cache import TtlCache

R = TypeVar("R")
# Shorter than the second or so until a process learns that another one has changed the data
# (search/engine/data_version.py).
MEMO_TTL_SECONDS = 0.2
WEB_ENTRY_POINTS = ("museum.wsgi", "museum.asgi")


def is_web_process() -> bool:
    """Return whether this process serves visitors: its server has imported the entry point."""
    return any(name in sys.modules for name in WEB_ENTRY_POINTS)


def memoized(function: Callable[..., R]) -> Callable[..., R]:
    """Let web processes call `function` once in `MEMO_TTL_SECONDS` for the same arguments.

    The arguments must be hashable. A call that raises is not remembered. Commands and tasks call
    `function` each time.
    """
    results: TtlCache[R] = TtlCache(MEMO_TTL_SECONDS)

    @wraps(function)
    def wrapper(*args: Any) -> R:
        if not is_web_process():
            return function(*args)
        return results.get_or_make(args, lambda: function(*args))

    return wrapper
