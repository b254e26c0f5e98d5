"""The SQL of full-text search. `full_text.rank_by_words` fills in the parameters.

Names in these statements: a *term* is a word or phrase of the query as a tsquery, *rarity* what it
is worth (a kind of inverse document frequency), *prominence* how much a document is about it.
`{works}` is a statement for the `id` and `artic_id` of the works that may answer.
"""

from psycopg import sql

# The terms of the typed words, the lexemes of each, and about how many works there are. Words that
# Postgres takes for stop words have no nodes and are dropped. Parameter: the words, as an array.
LEXEMES = """
SELECT DISTINCT ON (query) query::text, lexemes,
       (SELECT reltuples FROM pg_class WHERE oid = 'museum_artwork'::regclass)
FROM (
    SELECT phraseto_tsquery('pg_catalog.english', museum_fold(term)) AS query,
           tsvector_to_array(to_tsvector('pg_catalog.english', museum_fold(term))) AS lexemes
    FROM unnest(%s::text[]) AS term
) terms WHERE numnode(query) > 0 ORDER BY query
"""

# The works that carry any of the terms, best first: `artic_id`, `value` and `weight`.
#
# Terms are looked up one by one, so a missing word hides nothing. A work's value is the sum over
# the terms it carries of prominence (levelling off) x rarity, much as in BM25; its weight is the
# share of the query's rarity that it carries. Each CJK character is a word of its own in the index,
# so several together are looked up as a phrase.
#
# - wanted: the terms, with the number of works that carry each if it is common, else 0.
# - carriers: the works that carry each rare term, by two index scans.
# - rarity: what each term is worth.
# - pool: the works to score: those that carry the most rarity, and what COMMON_WORDS adds.
# - documents: their texts. A document may be stored out of line, so it is fetched once for all the
#   terms: `|| ''` fetches it, and OFFSET 0 keeps the planner from repeating that.
# - carried: how prominent each term is in each work.
RANKING = sql.SQL("""
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

# What {common} in RANKING is where terms are common. Reading all works that carry a common word
# would take seconds, so the pool gets only the works that other channels found, some that carry
# all the terms, and some that carry a common one in the title.
COMMON_WORDS = sql.SQL("""
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
