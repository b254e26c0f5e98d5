"""Answers that web processes give again for a moment, instead of asking the database anew."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from museum.core.caching.ttl_cache import TtlCache

R = TypeVar("R")
# Less than the second or so that passes until a process hears of another's writes (changes.py).
BRIEF_TTL_SECONDS = 0.2
WEB = ("museum.wsgi", "museum.asgi")


def is_web_process() -> bool:
    """Whether this process serves visitors: its server has imported the entry point."""
    return any(name in sys.modules for name in WEB)


def briefly(function: Callable[..., R]) -> Callable[..., R]:
    """Let web processes ask `function` once in `BRIEF_TTL_SECONDS` for the same arguments.

    What raises is asked again. Commands and tasks ask each time.
    """
    known: TtlCache[R] = TtlCache(BRIEF_TTL_SECONDS)

    @wraps(function)
    def asked(*args: Any) -> R:
        if not is_web_process():
            return function(*args)
        return known.get_or_make(args, lambda: function(*args))

    return asked
