"""TODO: search.engine.search.errors."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError

from search.engine.search import logger

P = ParamSpec("P")


R = TypeVar("R")


class CursorExpired(Exception):  # noqa: N818 - as below
    """The model that made the pages before is gone; the message says the mend."""


class SearchUnavailable(Exception):  # noqa: N818 - reads as what it is, as in HTTP's "unavailable"
    """The database does not answer, so nothing can be said about any work."""


def says_unavailable(function: Callable[P, R]) -> Callable[P, R]:
    """Let `function` raise `SearchUnavailable` where the database does not answer."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            logger.exception("The database does not answer")
            raise SearchUnavailable("The collection cannot be reached at the moment.") from error

    return wrapped
