"""Answers that web processes give again for a moment, instead of asking the database anew."""

import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

R = TypeVar("R")
# Less than the second or so until a process notices another's writes
# (search/engine/data_version.py).
SECONDS = 0.2
WEB = ("museum.wsgi", "museum.asgi")


def is_web_process() -> bool:
    """Whether this process serves visitors: its server has imported the entry point."""
    return any(name in sys.modules for name in WEB)


def briefly(function: Callable[..., R]) -> Callable[..., R]:
    """Let web processes ask `function` once in `SECONDS` for the same arguments, which must be few.

    What raises is asked again. Commands and tasks ask each time.
    """
    known: dict[tuple[Any, ...], tuple[float, R]] = {}

    @wraps(function)
    def asked(*args: Any) -> R:
        if not is_web_process():
            return function(*args)
        now = time.monotonic()
        found = known.get(args)
        if found is None or found[0] < now:
            found = known[args] = now + SECONDS, function(*args)
        return found[1]

    return asked
