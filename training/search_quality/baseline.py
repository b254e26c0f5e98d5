"""What a first try at a search would build, on the same records: the floor beside our figures.

Any word of the query in any text of a work, by `ts_rank` with length normalisation; and that fused
with the passages' vectors by reciprocal rank, k = 60 (Cormack, Clarke and Büttcher, SIGIR 2009).
"""

from collections.abc import Sequence

from django.db import connection

from search.ranking.fusion import fuse
from search.ranking.matches import Ranked

ANY_WORD, RRF = "simple: any word", "simple: RRF"
K = 60
NORMALISED = 1  # ts_rank through 1 + the logarithm of the length

_ANY_WORD = """
WITH asked AS (
    SELECT nullif(replace(plainto_tsquery('pg_catalog.english', museum_fold(%(words)s))::text,
                          ' & ', ' | '), '')::tsquery AS words
), texts AS (
    SELECT artwork_id, string_agg(text, ' ' ORDER BY id) AS text FROM museum_description
    WHERE is_approved AND NOT is_boilerplate GROUP BY artwork_id
), documents AS (
    SELECT a.artic_id, setweight(a.search_document, 'D')
        || to_tsvector('pg_catalog.english', museum_fold(coalesce(t.text, ''))) AS document
    FROM museum_artwork a LEFT JOIN texts t ON t.artwork_id = a.id
)
SELECT artic_id FROM documents, asked WHERE document @@ words
ORDER BY ts_rank(document, words, %(normalised)s) DESC, artic_id LIMIT %(depth)s
"""


def any_word(words: str, depth: int) -> list[int]:
    """Return the ids of the first `depth` works that carry any of `words`."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY_WORD, {"words": words, "normalised": NORMALISED, "depth": depth})
        return [row[0] for row in cursor.fetchall()]


def rrf(lists: Sequence[Sequence[int]], depth: int) -> list[int]:
    """Return the ids of `lists` by the sum of 1 / (k + rank), equal ones by id. Pure."""
    ranked = {str(n): [Ranked(each, 0.0) for each in found] for n, found in enumerate(lists)}
    fused = fuse(ranked, dict.fromkeys(ranked, 1.0), K)
    return [each.artic_id for each in fused[:depth]]
