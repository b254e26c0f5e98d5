"""TODO: museum.core.database.advisory_lock."""

import time

from museum.core.database.read_replica import connection

WAIT = 0.2  # seconds between two looks whether another process has finished building


class _Alone:
    """Holds a lock between processes, so that nobody takes a build in progress for a left-over.

    It asks again and again instead of waiting in the database: a waiting statement holds a
    snapshot, and the build waits for all snapshots to end.
    """

    def __init__(self, subject: str) -> None:
        self.subject = subject

    def _call(self, function: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [self.subject])
            row = cursor.fetchone()
        return bool(row and row[0])

    def __enter__(self) -> None:
        while not self._call("pg_try_advisory_lock"):
            time.sleep(WAIT)

    def __exit__(self, *_: object) -> None:
        self._call("pg_advisory_unlock")
