"""Vectors in one table, or divided by work (hash of `artwork_id`) into partitions.

Each partition has indexes of its own, which need a part of the memory to build and may lie on a
disk or, with Citus, a server of their own. Queries name only the table, and Postgres merges the
partitions.
"""

import re
import time
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg import sql
from psycopg.errors import LockNotAvailable

TABLE = "search_embedding"
SWAP_RETRY_SECONDS = 1.0  # between two attempts to replace the old table
# The new table is made in a schema of its own, so its indexes can have their final names.
_ASIDE = "search_embedding_new"
_NEW = sql.Identifier(_ASIDE, TABLE)
_CONSTRAINTS = f"""
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = '{TABLE}'::regclass AND contype IN ('u', 'f') ORDER BY contype DESC, conname
"""  # noqa: S608
_INDEXES = f"""
SELECT pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = '{TABLE}'::regclass AND indisvalid
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
ORDER BY 1
"""  # noqa: S608


def names() -> list[str]:
    """Return the names of the partitions; empty if all vectors are in one table."""
    found = _run(
        "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid "
        "WHERE inhparent = {table}::regclass ORDER BY length(c.relname), c.relname",
        table=sql.Literal(TABLE),
    )
    return [name for (name,) in found]


def divide(number: int, memory: str) -> None:
    """Move all vectors into `number` partitions, or into one table if `number` is 1.

    It succeeds as a whole or not at all. Searches continue meanwhile; writers of vectors wait. It
    takes twice the disk space, and `memory` (`maintenance_work_mem`) to build one index at a time.
    Raises `ValueError` for less than 1. Must not be called in a transaction.
    """
    if number < 1:
        raise ValueError(f"vectors cannot be divided into {number} partitions")
    old = sql.Identifier(TABLE)
    with transaction.atomic(durable=True):
        _run("LOCK TABLE {old} IN SHARE ROW EXCLUSIVE MODE", old=old)
        _run("SET LOCAL maintenance_work_mem = {memory}", memory=sql.Literal(memory))
        _run("CREATE SCHEMA {aside}", aside=sql.Identifier(_ASIDE))
        parts = _make(number)
        _run("INSERT INTO {new} OVERRIDING SYSTEM VALUE SELECT * FROM {old}", new=_NEW, old=old)
        _run(
            "SELECT setval(pg_get_serial_sequence({new}, 'id'), "
            "nextval(pg_get_serial_sequence({old}, 'id')))",
            new=sql.Literal(f"{_ASIDE}.{TABLE}"),
            old=sql.Literal(TABLE),
        )
        for (definition,) in _run(_INDEXES):
            # "CREATE UNIQUE INDEX name ON ONLY schema.table USING ...": of the new table.
            create, what = re.split(r" ON (?:ONLY )?\S+ ", definition, maxsplit=1)
            _run("{create} ON {new} {what}", create=sql.SQL(create), new=_NEW, what=sql.SQL(what))
        # Foreign keys come last: from then on, writers of works wait, too.
        for name, definition in _run(_CONSTRAINTS):
            _run(
                "ALTER TABLE {new} ADD CONSTRAINT {name} {definition}",
                new=_NEW,
                name=sql.Identifier(name),
                definition=sql.SQL(definition),
            )
        while not _swap(parts):
            time.sleep(SWAP_RETRY_SECONDS)
    _run("ANALYZE {table}", table=old)


def _swap(parts: list[str]) -> bool:
    """Replace the old table; return False if a long reader, such as a backup, blocks it.

    Searches queue behind this lock request, so it gives up after a second.
    """
    try:
        with transaction.atomic():
            _run("SET LOCAL lock_timeout = '1s'")
            here = sql.Identifier(_run("SELECT current_schema()")[0][0])
            _run("DROP TABLE {old}", old=sql.Identifier(TABLE))
            for moved in (TABLE, *parts):
                _run(
                    "ALTER TABLE {moved} SET SCHEMA {here}",
                    moved=sql.Identifier(_ASIDE, moved),
                    here=here,
                )
            _run("DROP SCHEMA {aside}", aside=sql.Identifier(_ASIDE))
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return False
        raise
    return True


def _make(number: int) -> list[str]:
    """Make the new table, without indexes but its primary key; return its partitions' names."""
    like = "CREATE TABLE {new} (LIKE {old} INCLUDING ALL EXCLUDING INDEXES, PRIMARY KEY "
    old = sql.Identifier(TABLE)
    if number == 1:
        _run(like + "(id))", new=_NEW, old=old)
        return []
    # A primary key must contain the partition key.
    _run(like + "(id, artwork_id)) PARTITION BY HASH (artwork_id)", new=_NEW, old=old)
    parts = [f"{TABLE}_{n}" for n in range(number)]
    for n, part in enumerate(parts):
        _run(
            "CREATE TABLE {part} PARTITION OF {new} "
            "FOR VALUES WITH (MODULUS {number}, REMAINDER {n})",
            part=sql.Identifier(_ASIDE, part),
            new=_NEW,
            number=sql.Literal(number),
            n=sql.Literal(n),
        )
    return parts


def _run(statement: str, **parts: sql.Composable) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**parts))
        return list(cursor.fetchall()) if cursor.description else []
