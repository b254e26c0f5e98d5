"""Locks that Postgres keeps for a session: they end with the process that holds one.

Whoever waits asks again and again: a statement that waits holds a snapshot, and what builds an
index beside running searches waits for all snapshots to end. Pictures are fetched under another
lock (`ingest/http/exclusive_lock.py`), which a database that restarts does not lose.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

POLL_SECONDS = 0.1
Name = int | str


def take(name: Name, timeout_seconds: float | None = None) -> None:
    """Take the lock `name`; raises `TimeoutError` if another session keeps it so long."""
    deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    while not _call("pg_try_advisory_lock", name):
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError(f"The lock {name} is held by another session")
        time.sleep(POLL_SECONDS)


@contextmanager
def advisory_lock(name: Name, timeout_seconds: float | None = None) -> Iterator[None]:
    """Hold the lock `name`; raises `TimeoutError` as `take` does."""
    take(name, timeout_seconds)
    try:
        yield
    finally:
        _call("pg_advisory_unlock", name)


def _call(function: str, name: Name) -> bool:
    key = "%s" if isinstance(name, int) else "hashtextextended(%s, 0)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({key})", [name])
        return bool(cursor.fetchone()[0])
