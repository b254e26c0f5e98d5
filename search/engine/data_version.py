"""Whether what answers are made of has changed since one was made."""

import time
from collections.abc import Sequence
from typing import Any

from django.db import connection

from museum.core.caching.memoize import memoized
from museum.core.database import read_replica

WORKS = ("museum_artwork", "museum_description", "museum_artist")
VECTORS = "search_embedding"

# What this transaction wrote is not in the shared statistics before its end.
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
    """Return what is another one once a row of `tables` has changed.

    Postgres counts what other connections wrote within about a second of its commit. A replica
    counts nothing: what is read from one is another every `REPLICA_SECONDS`.
    """
    if read_replica.is_read():
        return (read_replica.REPLICA, int(time.time() // REPLICA_SECONDS))
    return _counted(*tables)


@memoized
def _counted(*tables: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        if not connection.in_atomic_block:
            # What this connection has committed is counted at once.
            cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(_VERSION, {"tables": list(tables)})
        return tuple(cursor.fetchone() or ())
