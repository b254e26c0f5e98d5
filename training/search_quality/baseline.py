"""Simple searches over the same records, as a baseline for our figures.

One finds any word of the query in any text of a work, by `ts_rank` with length normalisation; the
other fuses it with the passages' vectors by reciprocal rank, k = 60 (Cormack, Clarke and Büttcher,
SIGIR 2009).
"""

from collections.abc import Sequence

from django.db import connection

from search.ranking.fusion import fuse
from search.ranking.matches import Ranked

ANY_WORD, RRF = "simple: any word", "simple: RRF"
RRF_K = 60
LENGTH_NORMALISATION = 1  # ts_rank divided by 1 + the logarithm of the length

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
    """Return the ids of the first `depth` works that contain any of `words`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ANY_WORD, {"words": words, "normalised": LENGTH_NORMALISATION, "depth": depth}
        )
        return [row[0] for row in cursor.fetchall()]


def rrf(lists: Sequence[Sequence[int]], depth: int) -> list[int]:
    """Return the ids of `lists` by the sum of 1 / (k + rank), ties by id. Pure."""
    ranked = {str(n): [Ranked(work, 0.0) for work in ids] for n, ids in enumerate(lists)}
    fused = fuse(ranked, dict.fromkeys(ranked, 1.0), RRF_K)
    return [each.artic_id for each in fused[:depth]]
