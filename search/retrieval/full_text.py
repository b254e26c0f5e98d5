"""Rank works by the words of a query in Postgres full text."""

from collections.abc import Iterable, Sequence

from psycopg import sql

from museum.core.database.read_replica import connection
from museum.models import ArtworkQuerySet
from search.query.query import Query
from search.ranking import tuning
from search.ranking.matches import Ranked
from search.ranking.progressive_depth import END
from search.retrieval import term_statistics
from search.retrieval.candidates import Scope

_LEXEMES = """
SELECT DISTINCT ON (query) query::text, lexemes,
       (SELECT reltuples FROM pg_class WHERE oid = 'museum_artwork'::regclass)
FROM (
    SELECT phraseto_tsquery('pg_catalog.english', museum_fold(term)) AS query,
           tsvector_to_array(to_tsvector('pg_catalog.english', museum_fold(term))) AS lexemes
    FROM unnest(%s::text[]) AS term
) terms WHERE numnode(query) > 0 ORDER BY query
"""


# Each word is looked up separately, so works that lack one are still found. A work's value is the
# sum over its matching words of prominence (with diminishing returns) x rarity, as in BM25. Its
# weight is its share of the query's rarity. The index treats each CJK character as a word, so a
# term of several characters is looked up as a phrase.
#
# Postgres may store a document out of line (TOAST); || '' fetches it once for all words.
_WORDS = sql.SQL("""
WITH terms AS MATERIALIZED (
    SELECT query::tsquery, works
    FROM unnest(%(queries)s::text[], %(works)s::real[]) AS w(query, works)
), carriers AS MATERIALIZED (
    SELECT w.query, m.id FROM terms w CROSS JOIN LATERAL (
        SELECT id FROM museum_artwork WHERE search_document @@ w.query
        UNION
        SELECT artwork_id FROM museum_description
        WHERE search_document @@ w.query AND is_approved AND NOT is_boilerplate
    ) m WHERE w.works = 0
), rarity AS MATERIALIZED (
    SELECT query, ln(1 + (SELECT greatest(reltuples, 100) FROM pg_class
                          WHERE oid = 'museum_artwork'::regclass)
                       / greatest(w.works, count(c.id), 1)) AS value
    FROM terms w LEFT JOIN carriers c USING (query) GROUP BY query, w.works
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
    FROM documents d CROSS JOIN terms w WHERE d.document @@ w.query
    GROUP BY w.query, d.artic_id
)
SELECT c.artic_id, sum(c.value / (c.value + %(half)s) * r.value) AS value,
       sum(r.value) / (SELECT sum(value) FROM rarity) AS weight
FROM carried c JOIN rarity r USING (query)
GROUP BY c.artic_id ORDER BY value DESC, c.artic_id LIMIT %(depth)s
""")


# For common words: the works that other channels found, some works with all the words, and some
# with a common word in the title.
_COMMON = sql.SQL("""
    UNION SELECT s.id, s.artic_id FROM ({works}) s WHERE s.artic_id = ANY(%(found)s::bigint[])
    UNION (SELECT s.id, s.artic_id FROM museum_artwork a JOIN ({works}) s ON s.id = a.id
           WHERE a.search_document @@ %(all)s::tsquery LIMIT %(read)s)
    UNION (SELECT s.id, s.artic_id
           FROM museum_description d JOIN ({works}) s ON s.id = d.artwork_id
           WHERE d.search_document @@ %(all)s::tsquery AND d.is_approved AND NOT d.is_boilerplate
           LIMIT %(read)s)
    UNION SELECT t.id, t.artic_id FROM terms w CROSS JOIN LATERAL (
        SELECT s.id, s.artic_id FROM museum_artwork a JOIN ({works}) s ON s.id = a.id
        WHERE museum_text_document('A', a.title) @@ w.query LIMIT %(read)s
    ) t WHERE w.works > 0 AND w.works <= %(titled)s
""")


def rank_by_words(
    query: Query,
    works: ArtworkQuerySet | Scope,
    depth: int = END,
    found: Iterable[Ranked] | None = None,
) -> list[Ranked]:
    """Rank `works` by the words and phrases of `query` in their records and approved texts.

    All works with a rare word are read. A common word ("oil", "painting") counts for those works,
    for the works in `found` (the matches of other channels), and for some others. To read all works
    with a common word would take seconds in a large collection and hardly change the ranking.
    If `found` is given, `depth` is the number of works that matter, and the list may be longer.
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
        "fields": tuning.FIELD_WEIGHTS,
        "half": tuning.HALF_PROMINENCE,
        "scored": END if found is None else min(tuning.SCORED_PER_WORK * depth, END),
        "depth": depth if found is None else END,
    }
    if is_common:
        params |= {
            "found": [match.artic_id for match in found or ()],
            "all": " & ".join(f"({term})" for term in terms),
            "read": depth,
            "titled": tuning.TITLE_LOOKUP_WORKS,
        }
    common = _COMMON.format(works=statement) if is_common else sql.SQL("")
    with connection.cursor() as cursor:
        cursor.execute(_WORDS.format(works=statement, common=common), params)
        return [Ranked(*row) for row in cursor.fetchall()]


def _terms(query: Query) -> dict[str, float]:
    """Return the terms as tsquery text, each with its number of works if common, else 0."""
    terms = _terms_with_counts([*query.words, *query.phrases])
    for words, synonyms in query.synonyms:
        own, others = _terms_with_counts(words), _terms_with_counts(synonyms)
        if not (own and others):
            continue
        for term in own:
            terms.pop(term, None)
        # The typed words or any synonym, as one term.
        either = [" & ".join(f"({term})" for term in own), *(f"({term})" for term in others)]
        terms[" | ".join(either)] = min(own.values()) + sum(others.values())
    return terms


def _terms_with_counts(typed: Sequence[str]) -> dict[str, float]:
    if not typed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LEXEMES, [list(typed)])
        rows = cursor.fetchall()
    if not rows or rows[0][2] <= tuning.COMMON_WORD_WORKS:  # no word can be common
        return {term: 0.0 for term, _, _ in rows}
    known = term_statistics.current()
    counts = {term: known.works_with(lexemes) for term, lexemes, _ in rows}
    return {
        term: count if count > tuning.COMMON_WORD_WORKS else 0.0 for term, count in counts.items()
    }
