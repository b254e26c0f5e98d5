"""The errors of a search."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


class CursorExpiredError(Exception):
    """The model that answered the pages before is gone; the message says what to do."""


class SearchUnavailableError(Exception):
    """The database does not respond."""


def raises_search_unavailable(function: Callable[P, R]) -> Callable[P, R]:
    """Make `function` raise `SearchUnavailableError` if the database does not respond."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            logger.exception("The database does not answer")
            raise SearchUnavailableError(
                "The collection cannot be reached at the moment."
            ) from error

    return wrapped
