"""Estimate how many works contain each common word, from the statistics of Postgres.

A word outside these statistics is rare, so counting it by a look-up is cheap. Full text is slow
only if it reads every work with a common word.
"""

from dataclasses import dataclass

from museum.core.caching.ttl_cache import TtlCache
from museum.core.database.read_replica import connection

LEXICON_TTL_SECONDS = 600.0

# Most common lexemes of both columns; up to ten times the statistics target, so 1,000 each.
_STATISTICS = """
SELECT s.tablename, greatest(c.reltuples, 0), e.lexeme, e.share
FROM pg_stats s
JOIN pg_class c ON c.oid = to_regclass(s.tablename)
CROSS JOIN LATERAL unnest(
    s.most_common_elems::text::text[], s.most_common_elem_freqs::real[]
) AS e(lexeme, share)
WHERE s.schemaname = 'public' AND s.attname = 'search_document' AND e.lexeme IS NOT NULL
  AND s.tablename IN ('museum_artwork', 'museum_description')
"""


@dataclass(frozen=True)
class Lexicon:
    """The approximate number of works of each common lexeme."""

    counts: dict[str, float]

    def works_with(self, lexemes: list[str]) -> float:
        """Return an upper bound of the works with all of `lexemes`; 0 if a lexeme is rare."""
        return min((self.counts.get(lexeme, 0.0) for lexeme in lexemes), default=0.0)


_lexicons: TtlCache[Lexicon] = TtlCache(LEXICON_TTL_SECONDS)  # by database


def current() -> Lexicon:
    """Return the statistics of the connected database, at most `LEXICON_TTL_SECONDS` old."""
    return _lexicons.get_or_make(connection.settings_dict["NAME"], _read)


def forget() -> None:
    """Clear the cached statistics."""
    _lexicons.clear()


def _read() -> Lexicon:
    counts: dict[str, float] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STATISTICS)
        for _, rows, lexeme, share in cursor.fetchall():
            counts[lexeme] = max(counts.get(lexeme, 0.0), rows * share)
    return Lexicon(counts)
