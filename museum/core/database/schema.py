"""Whether the database has the tables of this version: the embedded one is given them."""

import logging
import sys
import threading
import time
from typing import Any

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from museum.core.database.embedded.server import DATABASE

logger = logging.getLogger(__name__)

# Commands that are about the tables themselves.
OWN_COMMANDS = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "restore"}
LACKING = "The database lacks %s migrations of this version: run manage.py migrate."
LOCK_KEY = 0x656B7069  # the advisory lock of whoever migrates
LOCK_POLL_SECONDS = 0.2
# Class 42 of SQLSTATE: a table, column, type or function that the statement names does not exist.
UNDEFINED = "42"

_lock = threading.RLock()
_is_current = False


def missing() -> int:
    """Return how many migrations of this version are not applied. Raises `DatabaseError`."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def explanation(error: BaseException) -> str | None:
    """Return one sentence if `error`, of a query, comes of migrations that are not applied."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if not state.startswith(UNDEFINED):
        return None
    try:
        number = missing()
    except DatabaseError:
        return None
    return LACKING % number if number else None


def migrate_embedded(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Apply what is missing to the embedded database, with this process's first connection to it.

    For Django's signal `connection_created`. Databases of tests are left alone.
    """
    global _is_current  # noqa: PLW0603 - once a process
    is_ours = connection.alias == DEFAULT_DB_ALIAS and connection.settings_dict["NAME"] == DATABASE
    if not is_ours or not OWN_COMMANDS.isdisjoint(sys.argv[1:2]):
        return
    with _lock:
        if not _is_current:
            # Set first: the migrations themselves may open connections in this thread.
            _is_current = True
            if missing():
                _migrate(connection)


def _migrate(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        # Not by waiting in a statement: an index that is built concurrently would wait for that.
        while not _asked(cursor, "SELECT pg_try_advisory_lock(%s)"):
            time.sleep(LOCK_POLL_SECONDS)
        try:
            if number := missing():
                logger.info("The embedded database is given %s migrations", number)
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            _asked(cursor, "SELECT pg_advisory_unlock(%s)")


def _asked(cursor: Any, statement: str) -> bool:
    cursor.execute(statement, [LOCK_KEY])
    return bool(cursor.fetchone()[0])
