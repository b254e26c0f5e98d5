"""TODO: museum.core.database.temporary."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg import sql

from operations.benchmarks.search.database import DATABASE


@contextmanager
def own_database(keep: bool = False, name: str = DATABASE) -> Iterator[None]:
    """Work in an empty database of its own, made for this and dropped however this ends."""
    usual = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(
            verbosity=0, autoclobber=not keep, keepdb=keep, serialize=False
        )
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        if not keep:
            # Whoever is still connected (a web process that is just ending) is turned out.
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            with connection.cursor() as cursor:
                cursor.execute(drop)
