"""Check that all migrations are applied, and apply them to the embedded database."""

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

# Commands that manage the tables themselves.
SCHEMA_COMMANDS = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "restore"}
UNAPPLIED_MESSAGE = "The database lacks %s migrations of this version: run manage.py migrate."
LOCK_KEY = 0x656B7069  # advisory lock of the process that migrates
LOCK_POLL_SECONDS = 0.2
# SQLSTATE class 42: the statement names a table, column, type or function that does not exist.
UNDEFINED_OBJECT_CLASS = "42"

_lock = threading.RLock()
_is_current = False


def unapplied_count() -> int:
    """Return how many migrations of this version are not applied. Raises `DatabaseError`."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def explanation(error: BaseException) -> str | None:
    """Return a sentence for the user if unapplied migrations caused the query's `error`."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if not state.startswith(UNDEFINED_OBJECT_CLASS):
        return None
    try:
        number = unapplied_count()
    except DatabaseError:
        return None
    return UNAPPLIED_MESSAGE % number if number else None


def migrate_embedded(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Migrate the embedded database at this process's first connection to it.

    A receiver of Django's signal `connection_created`. It leaves test databases alone.
    """
    global _is_current  # noqa: PLW0603 - once a process
    is_main = connection.alias == DEFAULT_DB_ALIAS and connection.settings_dict["NAME"] == DATABASE
    if not is_main or not SCHEMA_COMMANDS.isdisjoint(sys.argv[1:2]):
        return
    with _lock:
        if not _is_current:
            # Set first: the migrations may open connections in this thread.
            _is_current = True
            if unapplied_count():
                _migrate(connection)


def _migrate(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        # Poll: CREATE INDEX CONCURRENTLY would wait for a statement that waits for the lock.
        while not _call(cursor, "SELECT pg_try_advisory_lock(%s)"):
            time.sleep(LOCK_POLL_SECONDS)
        try:
            if number := unapplied_count():
                logger.info("Applying %s migrations to the embedded database", number)
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            _call(cursor, "SELECT pg_advisory_unlock(%s)")


def _call(cursor: Any, statement: str) -> bool:
    cursor.execute(statement, [LOCK_KEY])
    return bool(cursor.fetchone()[0])
