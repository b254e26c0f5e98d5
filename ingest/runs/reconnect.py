"""Outlasting a restart of the database: wait, connect again, begin the work again."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

from museum.core.backoff import backoff_seconds

logger = logging.getLogger(__name__)
T = TypeVar("T")
MAX_TRIES = 12
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.25, 8.0  # all together about a minute


def outlasted(work: Callable[[], T], reconnected: Callable[[], None] = lambda: None) -> T:
    """Return `work()`, which is begun again if the database goes away meanwhile.

    `reconnected` is called once the database is back. Only a lost connection counts: an error in a
    transaction of the caller, or on a sound connection, is raised at once.
    """
    for number in range(1, MAX_TRIES + 1):
        try:
            if number > 1:
                connection.ensure_connection()
                reconnected()
            return work()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block or _is_sound() or number == MAX_TRIES:
                raise
            wait = backoff_seconds(number, first=FIRST_WAIT_SECONDS, longest=LONGEST_WAIT_SECONDS)
            logger.warning(
                "event=database-away why=%s try=%s wait=%.2f", type(error).__name__, number, wait
            )
            connection.close()
            time.sleep(wait)
    raise AssertionError("unreachable")


def _is_sound() -> bool:
    return connection.connection is not None and connection.is_usable()
