"""The version of the data that answers are made from."""

import time
from collections.abc import Sequence
from typing import Any

from django.db import connection

from museum.core.caching.memoize import memoized
from museum.core.database import read_replica

WORKS = ("museum_artwork", "museum_description", "museum_artist")
VECTORS = "search_embedding"

# The shared statistics exclude what this transaction has written, so it is added.
REPLICA_SECONDS = 5
_VERSION = """
SELECT current_database(), sum(n_tup_ins + n_tup_upd + n_tup_del
    + pg_stat_get_xact_tuples_inserted(relid) + pg_stat_get_xact_tuples_updated(relid)
    + pg_stat_get_xact_tuples_deleted(relid))
FROM pg_stat_user_tables WHERE relid = ANY(ARRAY(
    SELECT unnest(%(tables)s::regclass[]) UNION ALL
    SELECT inhrelid FROM pg_inherits WHERE inhparent = ANY(%(tables)s::regclass[])))
"""


def version(tables: Sequence[str] = WORKS) -> tuple[Any, ...]:
    """Return a value that changes when a row of `tables` changes.

    Postgres counts the writes of other connections within about a second of their commit. A
    replica counts no writes, so its version changes every `REPLICA_SECONDS`.
    """
    if read_replica.is_read():
        return (read_replica.REPLICA, int(time.time() // REPLICA_SECONDS))
    return _counted(*tables)


@memoized
def _counted(*tables: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        if not connection.in_atomic_block:
            # Count at once what this connection has committed.
            cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(_VERSION, {"tables": list(tables)})
        return tuple(cursor.fetchone() or ())
