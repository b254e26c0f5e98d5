"""Rank works by their picture vectors, and by their best passage vector.

The vector queries depend on this: only an ascending `ORDER BY v <=> q LIMIT n` uses an HNSW index,
and only if it repeats the cast and names the model as a literal (search/embeddings/hnsw_index.py).
A second sorting column would turn the index off, so ties are put in order here, in Python.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from psycopg import sql

from museum.core.database.read_replica import connection
from museum.models import ArtworkQuerySet
from search.embeddings import hnsw_index
from search.models import Embedding, EmbeddingModel
from search.ranking import tuning
from search.ranking.matches import Ranked
from search.ranking.progressive_depth import END
from search.retrieval.candidates import Scope


def rank_by_vector(
    model: EmbeddingModel,
    kind: Embedding.Kind,
    vector: np.ndarray,
    works: ArtworkQuerySet | Scope,
    *,
    depth: int = END,
    exact: bool = False,
) -> list[Ranked]:
    """Rank `works` by the cosine between `vector` (dim,) and their nearest vector of `kind`.

    The index is used if it is faster and `exact` is False. If it returns too few works, a full
    scan replaces its list. Must run in a transaction. Values are cosines.
    """
    return nearest_works(model, kind, vector, works, depth=depth, exact=exact)[0][:depth]


def nearest_works(
    model: EmbeddingModel,
    kind: Embedding.Kind,
    vector: np.ndarray,
    works: ArtworkQuerySet | Scope,
    *,
    depth: int,
    exact: bool = False,
) -> tuple[list[Ranked], bool]:
    """Return the list of `rank_by_vector`, and whether it holds all works that paging can reach."""
    scope = works if isinstance(works, Scope) else Scope(works)
    if scope.keys is not None:
        # If there are more works than paging can reach, take only as many as a page needs.
        limit = END if scope.is_whole else depth
        found, number = _nearest_of_few(model, kind, vector, scope, limit=limit)
        if len(found) < number <= END:
            found, number = _nearest_of_few(model, kind, vector, scope, limit=END)
        return _ranked(found), number <= END or depth >= END
    if not exact and (hnsw_index.recent_row_count(model, kind) or 0) > tuning.EXACT_SCAN_ROWS:
        limit = depth if kind == Embedding.Kind.IMAGE else depth * tuning.PASSAGES_PER_WORK
        found = _nearest(model, kind, vector, scope, limit=limit, use_index=True)
        if len(found) == limit:
            return _ranked(found)[:depth], False
    # A full scan costs the same at any depth.
    found = _nearest(model, kind, vector, scope, limit=max(depth, END), use_index=False)
    return _ranked(found), True


def _ranked(found: Iterable[tuple[int, float]]) -> list[Ranked]:
    best: dict[int, float] = {}
    for artic_id, distance in found:
        best.setdefault(artic_id, distance)
    ordered = sorted(best.items(), key=lambda item: (item[1], item[0]))
    return [Ranked(artic_id, 1.0 - distance) for artic_id, distance in ordered]


def _nearest(
    model: EmbeddingModel,
    kind: Embedding.Kind,
    vector: np.ndarray,
    scope: Scope,
    *,
    limit: int,
    use_index: bool,
) -> list[tuple[int, float]]:
    """Return (artic_id, cosine distance) of the nearest vectors, nearest first."""
    statement, params = nearest_sql(model, kind, vector, scope, limit=limit, use_index=use_index)
    # Iterative scans continue if the filters leave too few of the nearest.
    settings = {
        "hnsw.ef_search": str(min(max(limit, tuning.HNSW_EF_SEARCH), 1_000)),
        "hnsw.iterative_scan": "strict_order",
        # Postgres would allocate a memoize table for all works, although few are looked up. That
        # takes a millisecond.
        "enable_memoize": "off",
    }
    return _rows(statement, params, settings if use_index else {})


def _nearest_of_few(
    model: EmbeddingModel, kind: Embedding.Kind, vector: np.ndarray, scope: Scope, *, limit: int
) -> tuple[list[tuple[int, float]], int]:
    """Return the nearest of a scope with keys, and how many of its works have a vector."""
    statement, params = nearest_sql(model, kind, vector, scope, limit=limit, use_index=False)
    # Starting parallel workers would take longer than this short scan.
    found = _rows(statement, params, {"max_parallel_workers_per_gather": "0"})
    return [row[:2] for row in found], found[0][2] if found else 0


def _rows(statement: sql.Composable, params: dict[str, Any], settings: dict[str, str]) -> list[Any]:
    """Run `statement` under `settings`, set until the end of the transaction, in one round trip."""
    calls = [
        sql.SQL("set_config({}, {}, true)").format(*map(sql.Literal, setting))
        for setting in settings.items()
    ]
    set_up = sql.SQL("SELECT {};").format(sql.SQL(", ").join(calls)) if calls else sql.SQL("")
    with connection.cursor() as cursor:
        cursor.execute(set_up + statement, params)
        if calls:
            cursor.nextset()
        return list(cursor.fetchall())


_INDEXED = sql.SQL(
    "SELECT a.artic_id, (e.vector::halfvec({width}) <=> {vector}::halfvec({width})) "
    "FROM search_embedding e JOIN ({works}) a ON a.id = e.artwork_id {approved} "
    "WHERE e.model_id = {model} AND e.kind = {kind} ORDER BY 2 LIMIT {limit}"
)
# No index can order by a minimum, so Postgres scans; each work is one row.
_SCANNED = sql.SQL(
    "SELECT a.artic_id, min(e.vector::halfvec({width}) <=> {vector}::halfvec({width})) "
    "FROM search_embedding e JOIN ({works}) a ON a.id = e.artwork_id {approved} "
    "WHERE e.model_id = {model} AND e.kind = {kind} GROUP BY 1 ORDER BY 2, 1 LIMIT {limit}"
)
# The third column counts the works with a vector. OFFSET 0 keeps the vectors out of the sort, and
# keeps Postgres from an HNSW index, which would visit many vectors for each one in the scope.
_SCANNED_FEW = sql.SQL(
    "SELECT a.artic_id, n.distance, n.works FROM ("
    "SELECT artwork_id, distance, count(*) OVER () AS works FROM ("
    "SELECT e.artwork_id, {nearest}(e.vector::halfvec({width}) <=> {vector}::halfvec({width})) "
    "AS distance FROM search_embedding e {approved} WHERE e.artwork_id = ANY(%(keys)s::bigint[]) "
    "AND e.model_id = {model} AND e.kind = {kind} {each_work} OFFSET 0"
    ") m ORDER BY 2, 1 LIMIT {limit}) n JOIN museum_artwork a ON a.id = n.artwork_id ORDER BY 2, 1"
)


def nearest_sql(
    model: EmbeddingModel,
    kind: Embedding.Kind,
    vector: np.ndarray,
    scope: Scope,
    *,
    limit: int,
    use_index: bool,
) -> tuple[sql.Composed, dict[str, Any]]:
    """Return the SQL of `_nearest` and its parameters."""
    params: dict[str, Any]
    if scope.keys is not None:
        template, works, params = _SCANNED_FEW, sql.SQL(""), {"keys": scope.keys}
    else:
        template = _INDEXED if use_index else _SCANNED
        works, params = scope.sql
    statement = template.format(
        width=sql.Literal(model.dimension),
        vector=sql.Literal(literal(vector)),
        works=works,
        # A text that is no longer approved keeps its vectors until the next `embed`.
        approved=sql.SQL(
            ""
            if kind == Embedding.Kind.IMAGE
            else "JOIN museum_description d ON d.id = e.description_id AND d.is_approved"
        ),
        # A work has one picture and several passages.
        nearest=sql.SQL("" if kind == Embedding.Kind.IMAGE else "min"),
        each_work=sql.SQL("" if kind == Embedding.Kind.IMAGE else "GROUP BY 1"),
        model=sql.Literal(model.pk),
        kind=sql.Literal(str(kind)),
        limit=sql.Literal(limit),
    )
    return statement, params


def literal(vector: np.ndarray) -> str:
    """Format a vector for pgvector, with all the digits of float16."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"
