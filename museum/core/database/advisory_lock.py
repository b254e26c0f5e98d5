"""Postgres advisory locks of a session: they end with the process that holds them.

Waiting is polling: a statement that waits would hold a snapshot, and CREATE INDEX CONCURRENTLY
waits until every snapshot has ended. Pictures are fetched under another kind of lock
(`ingest/http/exclusive_lock.py`), which outlives a restart of the database.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

POLL_SECONDS = 0.1
Name = int | str


def take(name: Name, timeout_seconds: float | None = None) -> None:
    """Take the lock `name`. Raises `TimeoutError` if another session holds it that long."""
    deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    while not _call("pg_try_advisory_lock", name):
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError(f"The lock {name} is held by another session")
        time.sleep(POLL_SECONDS)


@contextmanager
def advisory_lock(name: Name, timeout_seconds: float | None = None) -> Iterator[None]:
    """Hold the lock `name`. Raises `TimeoutError` as `take` does."""
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
