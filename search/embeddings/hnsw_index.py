"""Build an HNSW index for each model and kind of vector, while searches run.

The index is partial (one model, one kind) over an expression (the vector with the model's own
width), so models of different widths share one table and the vectors of a new model grow beside
the live ones. A query uses it only if it repeats the cast and names the model as a literal.
If the vectors are partitioned, each partition has its own index, attached to a common one.
"""

from django.db import transaction
from psycopg import sql

from museum.core.caching.ttl_cache import TtlCache
from museum.core.database.advisory_lock import advisory_lock
from museum.core.database.read_replica import connection
from search.embeddings import partitions
from search.encoders import families
from search.models import Embedding, EmbeddingModel
from search.ranking import tuning

BUILD_MEMORY = "512MB"
ROWS_TTL_SECONDS = 10.0

_rows: TtlCache[int | None] = TtlCache(ROWS_TTL_SECONDS)  # by database and index


def name(model: EmbeddingModel, kind: str) -> str:
    """Return the name of the index over the vectors of `kind` by `model`."""
    return f"search_embedding_model_{model.pk}_{kind}_hnsw"


def ensure(model: EmbeddingModel) -> list[str]:
    """Build the missing indexes of `model`; return their names.

    Searches and writes continue meanwhile. The remains of an interrupted build are dropped first.
    Must not be called in a transaction.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("Indexes are built outside a transaction")
    built = []
    for kind in families.family_of(model).kinds:
        with advisory_lock(name(model, kind)):
            if _state(name(model, kind)) == "valid":
                continue
            _drop(name(model, kind))
            _build(model, kind)
            built.append(name(model, kind))
    return built


def drop(model: EmbeddingModel) -> None:
    """Drop the indexes of `model`, in the caller's transaction if there is one."""
    _rows.clear()
    with connection.cursor() as cursor:
        for kind in Embedding.Kind.values:
            for each in [name(model, kind), *_parts(name(model, kind))]:
                cursor.execute(sql.SQL("DROP INDEX IF EXISTS {}").format(sql.Identifier(each)))


def drop_concurrently(model: EmbeddingModel) -> None:
    """Drop the indexes of `model` while searches run, outside a transaction."""
    for kind in Embedding.Kind.values:
        with advisory_lock(name(model, kind)):
            _drop(name(model, kind))


def rows(model: EmbeddingModel, kind: str) -> int | None:
    """Return the approximate number of vectors in the index, at no cost; None without an index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(part.reltuples) FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid "
            "JOIN pg_class part ON part.relkind = 'i' AND (part.oid = c.oid OR part.oid IN ("
            "SELECT inhrelid FROM pg_inherits WHERE inhparent = c.oid)) "
            "WHERE c.relname = %s AND i.indisvalid",
            [name(model, kind)],
        )
        (found,) = cursor.fetchone()
    return None if found is None else int(found)


def recent_row_count(model: EmbeddingModel, kind: str) -> int | None:
    """Return `rows`, at most `ROWS_TTL_SECONDS` old, for each search."""
    key = connection.settings_dict["NAME"], name(model, kind)
    return _rows.get_or_make(key, lambda: rows(model, kind))


def _state(index: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indisvalid FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid "
            "WHERE c.relname = %s",
            [index],
        )
        found = cursor.fetchone()
    if found is None:
        return "missing"
    return "valid" if found[0] else "invalid"


def _parts(index: str) -> dict[str, str]:
    """Return the partitions by the names of their indexes."""
    return {f"{index}_{n}": part for n, part in enumerate(partitions.names())}


def _drop(index: str) -> None:
    _rows.clear()
    parts = _parts(index)
    with connection.cursor() as cursor:
        if parts:  # also drops the attached indexes of partitions, but not concurrently
            cursor.execute(sql.SQL("DROP INDEX IF EXISTS {}").format(sql.Identifier(index)))
        for each in parts or [index]:
            cursor.execute(
                sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(each))
            )


def _build(model: EmbeddingModel, kind: str) -> None:
    index = name(model, kind)
    parts = _parts(index)
    if not parts:
        _create(model, kind, index, partitions.TABLE)
        return
    # The common index is empty, and invalid until the index of each partition is attached.
    _create(model, kind, index, partitions.TABLE, whole=False)
    for each, part in parts.items():
        _create(model, kind, each, part)
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("ALTER INDEX {} ATTACH PARTITION {}").format(
                    sql.Identifier(index), sql.Identifier(each)
                )
            )
    _rows.clear()


def _create(
    model: EmbeddingModel, kind: str, index: str, table: str, *, whole: bool = True
) -> None:
    statement = sql.SQL(
        "CREATE INDEX {concurrently} {index} ON {only} {table} "
        "USING hnsw ((vector::halfvec({width})) halfvec_cosine_ops) "
        "WITH (m = {m}, ef_construction = {ef}) WHERE model_id = {model} AND kind = {kind}"
    ).format(
        concurrently=sql.SQL("CONCURRENTLY" if whole else ""),
        index=sql.Identifier(index),
        only=sql.SQL("" if whole else "ONLY"),
        table=sql.Identifier(table),
        width=sql.Literal(model.dimension),
        m=sql.Literal(tuning.HNSW_M),
        ef=sql.Literal(tuning.HNSW_EF_CONSTRUCTION),
        model=sql.Literal(model.pk),
        kind=sql.Literal(kind),
    )
    with connection.cursor() as cursor:
        # Building a graph larger than this memory is many times slower.
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, false)", [BUILD_MEMORY])
        try:
            cursor.execute(statement)
        finally:
            cursor.execute("RESET maintenance_work_mem")
            _rows.clear()
