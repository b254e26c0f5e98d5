"""The three ranked lists behind a search: pictures, passages and words. All ranking SQL is here.

What the vector queries depend on: only an ascending `ORDER BY v <=> q LIMIT n` uses an HNSW index,
and only if it repeats the cast and names the model as a literal (index.py). A second sorting
column would turn the index off, so ties are put in order here, in Python.
"""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection
from psycopg import sql

from museum.models import Artwork
from search import index
from search.fusion import Ranked
from search.models import Embedding, EmbeddingModel
from search.query import Query

if TYPE_CHECKING:
    from museum.querysets import ArtworkQuerySet

IMAGE, TEXT, WORDS = "image", "text", "words"

# Works in one channel's list, at most: the deepest page reaches this far, and pages stay stable
# because the lists do not depend on the page. 1,000 is also pgvector's largest ef_search.
DEPTH = 1_000
# A work has several passages; this many are read to have enough works.
PASSAGES = 3 * DEPTH
# Up to this many vectors a whole scan takes about as long as an HNSW search of this depth (a few
# milliseconds), and is exact.
EXACT_ROWS = 10_000

# Weights of the fields D (texts), C (materials, terms, place), B (maker, subjects) and A (title),
# and the prominence at which a word counts half. Measured with 34 visitor-style queries over the
# real records (ingest/tests/test_what_visitors_find.py), MRR .96: .78 with ts_rank's own weights,
# which bury what only a description says; .87 without levelling off; .91 without rarity; .48 for
# one ts_rank of all the words. With .3 to .5 for texts and a half of .2 to .5 it is .92 or more.
FIELD_WEIGHTS = [0.4, 0.4, 0.6, 1.0]
HALF_PROMINENT = 0.3


def candidates(query: Query) -> "ArtworkQuerySet":
    """Return the works that may answer `query` at all, unranked."""
    works = Artwork.objects.visible()
    for phrase in query.phrases:
        works = works.carrying(phrase)
    for term in query.excluded:
        works = works.not_carrying(term)
    return works


def by_vector(
    model: EmbeddingModel,
    kind: Embedding.Kind,
    vector: np.ndarray,
    works: "ArtworkQuerySet",
    *,
    depth: int = DEPTH,
    exact: bool = False,
) -> list[Ranked]:
    """Rank `works` by the cosine between `vector` (dim,) and their nearest vector of `kind`.

    The index is used where it pays and `exact` does not forbid it; a list that the index leaves
    too short is made again by a whole scan. Must run in a transaction. Values are cosines.
    """
    limit = depth if kind == Embedding.Kind.IMAGE else depth * (PASSAGES // DEPTH)
    indexed = None if exact else index.rows(model, kind)
    use_index = indexed is not None and indexed > EXACT_ROWS
    found = _nearest(model, kind, vector, works, limit=limit, use_index=use_index)
    if use_index and len(found) < limit:
        found = _nearest(model, kind, vector, works, limit=limit, use_index=False)
    best: dict[int, float] = {}
    for artic_id, distance in found:
        best.setdefault(artic_id, distance)
    ordered = sorted(best.items(), key=lambda item: (item[1], item[0]))[:depth]
    return [Ranked(artic_id, 1.0 - distance) for artic_id, distance in ordered]


def _nearest(
    model: EmbeddingModel,
    kind: Embedding.Kind,
    vector: np.ndarray,
    works: "ArtworkQuerySet",
    *,
    limit: int,
    use_index: bool,
) -> list[tuple[int, float]]:
    """Return (artic_id, cosine distance) of the nearest vectors, nearest first."""
    statement, params = nearest_sql(model, kind, vector, works, limit=limit, use_index=use_index)
    with connection.cursor() as cursor:
        if use_index:
            # Iterative scans go on where the filters leave too few of the nearest.
            cursor.execute(
                "SELECT set_config('hnsw.ef_search', %s, true), "
                "set_config('hnsw.iterative_scan', 'strict_order', true)",
                [str(min(limit, 1_000))],
            )
        cursor.execute(statement, params)
        return cursor.fetchall()


def nearest_sql(
    model: EmbeddingModel,
    kind: Embedding.Kind,
    vector: np.ndarray,
    works: "ArtworkQuerySet",
    *,
    limit: int,
    use_index: bool,
) -> tuple[sql.Composed, dict[str, Any]]:
    """Return the statement of `_nearest` and its parameters (tests and the benchmark explain it).

    `+ 0` makes the order one that no index offers, so Postgres scans.
    """
    works_sql, params = _subquery(works)
    statement = sql.SQL(
        "SELECT a.artic_id, (e.vector::halfvec({width}) <=> {vector}::halfvec({width})) {whole} "
        "FROM search_embedding e JOIN ({works}) a ON a.id = e.artwork_id {approved} "
        "WHERE e.model_id = {model} AND e.kind = {kind} ORDER BY 2 LIMIT {limit}"
    ).format(
        width=sql.Literal(model.dimension),
        vector=sql.Literal(_literal(vector)),
        whole=sql.SQL("" if use_index else "+ 0"),
        works=works_sql,
        # A text that lost its approval keeps its vectors until the next `embed`.
        approved=sql.SQL(
            ""
            if kind == Embedding.Kind.IMAGE
            else "JOIN museum_description d ON d.id = e.description_id AND d.is_approved"
        ),
        model=sql.Literal(model.pk),
        kind=sql.Literal(str(kind)),
        limit=sql.Literal(limit),
    )
    return statement, params


# Words are looked up one by one, so a word that is missing hides nothing. A work's value is the
# sum over the words it carries of (how prominent the word is in it, levelling off) x (how rare the
# word is), much as in BM25; its weight is the share of the query's rarity that it carries. Each CJK
# character is a word of its own in the index, so a term of several is looked up as a phrase.
_WORDS = sql.SQL("""
WITH wanted AS MATERIALIZED (
    SELECT DISTINCT query FROM (
        SELECT phraseto_tsquery('pg_catalog.english', museum_fold(term)) AS query
        FROM unnest(%(terms)s::text[]) AS term
    ) terms WHERE numnode(query) > 0
), found AS (
    SELECT query, a.id AS artwork_id, ts_rank(%(fields)s::real[], a.search_document, query) AS value
    FROM wanted JOIN museum_artwork a ON a.search_document @@ query
    UNION ALL
    SELECT query, d.artwork_id, ts_rank(%(fields)s::real[], d.search_document, query)
    FROM wanted JOIN museum_description d ON d.search_document @@ query
    WHERE d.is_approved AND NOT d.is_boilerplate
), carried AS (
    SELECT query, artwork_id, sum(value) / (sum(value) + %(half)s) AS prominence
    FROM found GROUP BY query, artwork_id
), rarity AS (
    SELECT query, ln(1 + (SELECT greatest(reltuples, 100) FROM pg_class
                          WHERE oid = 'museum_artwork'::regclass)
                       / greatest(count(artwork_id), 1)) AS value
    FROM wanted LEFT JOIN carried USING (query) GROUP BY query
)
SELECT a.artic_id, sum(prominence * rarity.value) AS value,
       sum(rarity.value) / (SELECT sum(value) FROM rarity) AS weight
FROM carried JOIN rarity USING (query) JOIN ({works}) a ON a.id = carried.artwork_id
GROUP BY a.artic_id ORDER BY value DESC, a.artic_id LIMIT %(depth)s
""")


def by_words(query: Query, works: "ArtworkQuerySet", depth: int = DEPTH) -> list[Ranked]:
    """Rank `works` by the words and phrases of `query` in their records and approved texts."""
    terms = [*query.words, *query.phrases]
    if not terms:
        return []
    works_sql, works_params = _subquery(works)
    params: dict[str, Any] = {
        "terms": terms,
        "fields": FIELD_WEIGHTS,
        "half": HALF_PROMINENT,
        "depth": depth,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WORDS.format(works=works_sql), params | works_params)
        return [Ranked(*row) for row in cursor.fetchall()]


def _subquery(works: "ArtworkQuerySet") -> tuple[sql.SQL, dict[str, Any]]:
    """Return SQL for the columns `id` and `artic_id` of `works`, and its parameters by name."""
    statement, params = works.order_by().values_list("id", "artic_id").query.sql_with_params()
    names = [f"works{number}" for number in range(len(params))]
    unused = iter(names)
    named = re.sub(r"(?<!%)%s", lambda _: f"%({next(unused)})s", statement)
    return sql.SQL(named), dict(zip(names, params, strict=True))


def _literal(vector: np.ndarray) -> str:
    """Write a vector as pgvector reads it, with all the digits that float16 has."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"
