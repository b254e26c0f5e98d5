"""Rank works by the share of their picture that has about a given colour."""

from collections.abc import Iterable

from psycopg import sql

from museum.core import colour
from museum.core.database.read_replica import connection
from search.ranking import tuning
from search.ranking.matches import Ranked
from search.ranking.progressive_depth import END
from search.retrieval.candidates import Scope

_RANKED = sql.SQL("""
SELECT a.artic_id, sum((s->>'weight')::float8 * exp(-(
    power((s->'lab'->>0)::float8 - %(l)s, 2) + power((s->'lab'->>1)::float8 - %(a)s, 2)
    + power((s->'lab'->>2)::float8 - %(b)s, 2)) / (2 * %(near)s * %(near)s))) AS value
FROM museum_artwork a JOIN ({works}) w ON w.id = a.id
CROSS JOIN LATERAL jsonb_array_elements(
    CASE WHEN jsonb_typeof(a.palette) = 'array' THEN a.palette END) s
WHERE %(found)s::bigint[] IS NULL OR a.artic_id = ANY(%(found)s::bigint[])
GROUP BY 1 HAVING sum((s->>'weight')::float8 * exp(-(
    power((s->'lab'->>0)::float8 - %(l)s, 2) + power((s->'lab'->>1)::float8 - %(a)s, 2)
    + power((s->'lab'->>2)::float8 - %(b)s, 2)) / (2 * %(near)s * %(near)s))) >= %(least)s
ORDER BY 2 DESC, 1 LIMIT %(end)s
""")


def rank_by_colour(color: str, scope: Scope, found: Iterable[Ranked] | None = None) -> list[Ranked]:
    """Rank the works of `scope` by their share of about the colour `color` (`#rrggbb`).

    If `found` has the matches of other channels, only those works are ranked. Values are 0 to 1.
    """
    works, params = scope.sql
    lightness, a, b = colour.from_hex(color).tolist()
    params = params | {
        "l": lightness,
        "a": a,
        "b": b,
        "near": tuning.COLOR_NEAR_DISTANCE,
        "least": tuning.COLOR_MIN_SHARE,
        "found": None if found is None else list({match.artic_id for match in found}),
        "end": END,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RANKED.format(works=works), params)
        return [Ranked(*row) for row in cursor.fetchall()]
