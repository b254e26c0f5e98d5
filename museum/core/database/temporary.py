"""A database that exists for one run of a command."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg import sql


@contextmanager
def temporary_database(name: str, keep: bool = False) -> Iterator[None]:
    """Connect to an empty database `name`; drop it at the end unless `keep`, errors included."""
    usual_name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(
            verbosity=0, autoclobber=not keep, keepdb=keep, serialize=False
        )
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual_name
        if not keep:
            # FORCE: a web process that is just ending may still be connected.
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name)
            )
            with connection.cursor() as cursor:
                cursor.execute(statement)
