"""The three ranked lists behind a search: pictures, passages and words. All ranking SQL is here.

What the vector queries depend on: only an ascending `ORDER BY v <=> q LIMIT n` uses an HNSW index,
and only if it repeats the cast and names the model as a literal (index.py). A second sorting
column would turn the index off, so ties are put in order here, in Python.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from psycopg import sql

from museum.replica import connection
from search import index, lexicon
from search.fusion import Ranked
from search.models import Embedding, EmbeddingModel
from search.query import Query
from search.scope import Scope, candidates
from search.tiers import END

if TYPE_CHECKING:
    from museum.querysets import ArtworkQuerySet

__all__ = ["candidates"]

IMAGE, TEXT, WORDS = "image", "text", "words"

# A work has several passages; this many are read for each work wanted.
PASSAGES = 2
# The index looks at so many vectors at least: of vectors in clusters that lie wide apart recall@10
# is .95 at 40, and .98 to .997 at 80, as the graph happened to be built (bench_search).
EF_SEARCH = 80
# Up to this many vectors a whole scan takes about as long as an HNSW search (a few milliseconds),
# and is exact.
EXACT_ROWS = 10_000

# Weights of the fields D (texts), C (materials, terms, place), B (maker, subjects) and A (title),
# and the prominence at which a word counts half. Measured with 34 visitor-style queries over the
# real records (ingest/tests/test_what_visitors_find.py), MRR .96: .78 with ts_rank's own weights,
# which bury what only a description says; .87 without levelling off; .91 without rarity; .48 for
# one ts_rank of all the words. With .3 to .5 for texts and a half of .2 to .5 it is .92 or more.
FIELD_WEIGHTS = [0.4, 0.4, 0.6, 1.0]
HALF_PROMINENT = 0.3

# A word that more works carry is common: those works are not all read (see `by_words`).
COMMON = 500
# Where other channels answer too, so many works are read for each that is wanted: those that carry
# the most of the query's rarity, which bounds what they can be worth.
SCORED = 4
# A common word is looked up in titles too, if no more works than these carry it.
TITLED = 20_000


def by_vector(
    model: EmbeddingModel,
    kind: Embedding.Kind,
    vector: np.ndarray,
    works: "ArtworkQuerySet | Scope",
    *,
    depth: int = END,
    exact: bool = False,
) -> list[Ranked]:
    """Rank `works` by the cosine between `vector` (dim,) and their nearest vector of `kind`.

    The index is used where it pays and `exact` does not forbid it; a list that the index leaves
    too short is made again by a whole scan. Must run in a transaction. Values are cosines.
    """
    return look(model, kind, vector, works, depth=depth, exact=exact)[0][:depth]


def look(
    model: EmbeddingModel,
    kind: Embedding.Kind,
    vector: np.ndarray,
    works: "ArtworkQuerySet | Scope",
    *,
    depth: int,
    exact: bool = False,
) -> tuple[list[Ranked], bool]:
    """Return the list of `by_vector`, and whether it holds all that paging can reach."""
    scope = works if isinstance(works, Scope) else Scope(works)
    if scope.keys is not None:
        # Where there are more works than paging reaches, no more are taken than a page needs.
        limit = END if scope.is_whole else depth
        found, number = _nearest_of_few(model, kind, vector, scope, limit=limit)
        if len(found) < number <= END:
            found, number = _nearest_of_few(model, kind, vector, scope, limit=END)
        return _ranked(found), number <= END or depth >= END
    if not exact and (index.rows_lately(model, kind) or 0) > EXACT_ROWS:
        limit = depth if kind == Embedding.Kind.IMAGE else depth * PASSAGES
        found = _nearest(model, kind, vector, scope, limit=limit, use_index=True)
        if len(found) == limit:
            return _ranked(found)[:depth], False
    # A whole scan costs the same at any depth.
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
    # Iterative scans go on where the filters leave too few of the nearest.
    settings = {
        "hnsw.ef_search": str(min(max(limit, EF_SEARCH), 1_000)),
        "hnsw.iterative_scan": "strict_order",
        # Postgres would set up a table for as many works as there are, for the few that are looked
        # up; that takes a millisecond.
        "enable_memoize": "off",
    }
    return _rows(statement, params, settings if use_index else {})


def _nearest_of_few(
    model: EmbeddingModel, kind: Embedding.Kind, vector: np.ndarray, scope: Scope, *, limit: int
) -> tuple[list[tuple[int, float]], int]:
    """Return the same for `limit` of a scope with keys, and how many of its works have a vector."""
    statement, params = nearest_sql(model, kind, vector, scope, limit=limit, use_index=False)
    # To start other processes would take longer than to scan so few.
    found = _rows(statement, params, {"max_parallel_workers_per_gather": "0"})
    return [row[:2] for row in found], found[0][2] if found else 0


def _rows(statement: sql.Composable, params: dict[str, Any], settings: dict[str, str]) -> list[Any]:
    """Run `statement` under `settings`, which hold to the end of the transaction, in one trip."""
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
# No index offers the order of a minimum, so Postgres scans; each work is one row.
_SCANNED = sql.SQL(
    "SELECT a.artic_id, min(e.vector::halfvec({width}) <=> {vector}::halfvec({width})) "
    "FROM search_embedding e JOIN ({works}) a ON a.id = e.artwork_id {approved} "
    "WHERE e.model_id = {model} AND e.kind = {kind} GROUP BY 1 ORDER BY 2, 1 LIMIT {limit}"
)
# The third column counts the works with a vector. OFFSET 0 keeps the vectors out of what is sorted,
# and an HNSW index out of the plan: it would look at many vectors for each that is in the scope.
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
    """Return the statement of `_nearest` and its parameters (tests explain it)."""
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
        # A text that lost its approval keeps its vectors until the next `embed`.
        approved=sql.SQL(
            ""
            if kind == Embedding.Kind.IMAGE
            else "JOIN museum_description d ON d.id = e.description_id AND d.is_approved"
        ),
        # A work has one picture, and several passages.
        nearest=sql.SQL("" if kind == Embedding.Kind.IMAGE else "min"),
        each_work=sql.SQL("" if kind == Embedding.Kind.IMAGE else "GROUP BY 1"),
        model=sql.Literal(model.pk),
        kind=sql.Literal(str(kind)),
        limit=sql.Literal(limit),
    )
    return statement, params


_LEXEMES = """
SELECT DISTINCT ON (query) query::text, lexemes,
       (SELECT reltuples FROM pg_class WHERE oid = 'museum_artwork'::regclass)
FROM (
    SELECT phraseto_tsquery('pg_catalog.english', museum_fold(term)) AS query,
           tsvector_to_array(to_tsvector('pg_catalog.english', museum_fold(term))) AS lexemes
    FROM unnest(%s::text[]) AS term
) terms WHERE numnode(query) > 0 ORDER BY query
"""

# Words are looked up one by one, so a word that is missing hides nothing. A work's value is the
# sum over the words it carries of (how prominent the word is in it, levelling off) x (how rare the
# word is), much as in BM25; its weight is the share of the query's rarity that it carries. Each CJK
# character is a word of its own in the index, so a term of several is looked up as a phrase.
#
# A document may lie out of line, so it is fetched once for all the words (|| '' fetches it).
_WORDS = sql.SQL("""
WITH wanted AS MATERIALIZED (
    SELECT query::tsquery, works
    FROM unnest(%(queries)s::text[], %(works)s::real[]) AS w(query, works)
), carriers AS MATERIALIZED (
    SELECT w.query, m.id FROM wanted w CROSS JOIN LATERAL (
        SELECT id FROM museum_artwork WHERE search_document @@ w.query
        UNION
        SELECT artwork_id FROM museum_description
        WHERE search_document @@ w.query AND is_approved AND NOT is_boilerplate
    ) m WHERE w.works = 0
), rarity AS MATERIALIZED (
    SELECT query, ln(1 + (SELECT greatest(reltuples, 100) FROM pg_class
                          WHERE oid = 'museum_artwork'::regclass)
                       / greatest(w.works, count(c.id), 1)) AS value
    FROM wanted w LEFT JOIN carriers c USING (query) GROUP BY query, w.works
), pool AS MATERIALIZED (
    (SELECT s.id, s.artic_id FROM carriers c JOIN rarity r USING (query)
     JOIN ({works}) s USING (id)
     GROUP BY s.id, s.artic_id ORDER BY sum(r.value) DESC, s.id LIMIT %(scored)s)
    {common}
), documents AS (
    SELECT p.artic_id, a.search_document || '' AS document
    FROM pool p JOIN museum_artwork a ON a.id = p.id
    UNION ALL
    SELECT p.artic_id, d.search_document || ''
    FROM pool p JOIN museum_description d ON d.artwork_id = p.id
    WHERE d.is_approved AND NOT d.is_boilerplate
    OFFSET 0
), carried AS (
    SELECT w.query, d.artic_id, sum(ts_rank(%(fields)s::real[], d.document, w.query)) AS value
    FROM documents d CROSS JOIN wanted w WHERE d.document @@ w.query
    GROUP BY w.query, d.artic_id
)
SELECT c.artic_id, sum(c.value / (c.value + %(half)s) * r.value) AS value,
       sum(r.value) / (SELECT sum(value) FROM rarity) AS weight
FROM carried c JOIN rarity r USING (query)
GROUP BY c.artic_id ORDER BY value DESC, c.artic_id LIMIT %(depth)s
""")

# Where words are common: the works that other channels found, some that carry all the words, and
# some that carry a common one in the title.
_COMMON = sql.SQL("""
    UNION SELECT s.id, s.artic_id FROM ({works}) s WHERE s.artic_id = ANY(%(found)s::bigint[])
    UNION (SELECT s.id, s.artic_id FROM museum_artwork a JOIN ({works}) s ON s.id = a.id
           WHERE a.search_document @@ %(all)s::tsquery LIMIT %(read)s)
    UNION (SELECT s.id, s.artic_id
           FROM museum_description d JOIN ({works}) s ON s.id = d.artwork_id
           WHERE d.search_document @@ %(all)s::tsquery AND d.is_approved AND NOT d.is_boilerplate
           LIMIT %(read)s)
    UNION SELECT t.id, t.artic_id FROM wanted w CROSS JOIN LATERAL (
        SELECT s.id, s.artic_id FROM museum_artwork a JOIN ({works}) s ON s.id = a.id
        WHERE museum_text_document('A', a.title) @@ w.query LIMIT %(read)s
    ) t WHERE w.works > 0 AND w.works <= %(titled)s
""")


def by_words(
    query: Query,
    works: "ArtworkQuerySet | Scope",
    depth: int = END,
    found: Iterable[Ranked] | None = None,
) -> list[Ranked]:
    """Rank `works` by the words and phrases of `query` in their records and approved texts.

    Works that carry a word that few carry are all read. A common word ("oil", "painting") counts
    for those, for the works in `found` (what other channels found), and for some more; to read
    all that carry it would take seconds in a large collection, to tell apart what is much alike.
    Where others `found` something, `depth` says how many works matter, and the list may be longer.
    """
    scope = works if isinstance(works, Scope) else Scope(works)
    terms = _terms(query)
    if not terms:
        return []
    is_common = any(terms.values())
    statement, params = scope.sql
    params = params | {
        "queries": list(terms),
        "works": list(terms.values()),
        "fields": FIELD_WEIGHTS,
        "half": HALF_PROMINENT,
        "scored": END if found is None else min(SCORED * depth, END),
        "depth": depth if found is None else END,
    }
    if is_common:
        params |= {
            "found": [match.artic_id for match in found or ()],
            "all": " & ".join(f"({term})" for term in terms),
            "read": depth,
            "titled": TITLED,
        }
    common = _COMMON.format(works=statement) if is_common else sql.SQL("")
    with connection.cursor() as cursor:
        cursor.execute(_WORDS.format(works=statement, common=common), params)
        return [Ranked(*row) for row in cursor.fetchall()]


def _terms(query: Query) -> dict[str, float]:
    """Return what to look up as tsquery, with the number of works that carry it if it is common."""
    terms = _looked_up([*query.words, *query.phrases])
    for words, same in query.synonyms:
        own, others = _looked_up(words), _looked_up(same)
        if not (own and others):
            continue
        for term in own:
            terms.pop(term, None)
        # What was typed, or any of the others, as one term.
        either = [" & ".join(f"({term})" for term in own), *(f"({term})" for term in others)]
        terms[" | ".join(either)] = min(own.values()) + sum(others.values())
    return terms


def _looked_up(typed: Sequence[str]) -> dict[str, float]:
    if not typed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LEXEMES, [list(typed)])
        rows = cursor.fetchall()
    if not rows or rows[0][2] <= COMMON:  # no word can be common
        return {term: 0.0 for term, _, _ in rows}
    known = lexicon.current()
    counts = {term: known.works_with(lexemes) for term, lexemes, _ in rows}
    return {term: count if count > COMMON else 0.0 for term, count in counts.items()}


def literal(vector: np.ndarray) -> str:
    """Write a vector as pgvector reads it, with all the digits that float16 has."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"
