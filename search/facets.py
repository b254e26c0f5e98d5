"""How many works each further filter would keep, counted exactly and kept until a work changes.

A field's own filter is lifted while it is counted, so that beside the value chosen stand the others
that could be chosen with it. What is counted are the works that filters, phrases and exclusions
keep: words rank, they keep nothing out.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import sql

from museum import typed_cache
from museum.replica import connection
from search import changes
from search.query import Query
from search.scope import candidates

TOP = 30  # values of one field, most common ones first
FACETS_TTL_SECONDS = 3600

_COLUMNS = {
    "type": "artwork_type",
    "department": "department",
    "place": "place_of_origin",
    "on_view": "is_on_view",
    "public_domain": "is_public_domain",
    "style": "style_titles",
    "subject": "subject_titles",
    "material": "material_titles",
    "has_picture": "image_status",
    "artist": "artist_id",
    "century": "date_start",
}
FIELDS = tuple(_COLUMNS)
_VALUES = {
    "on_view": "CASE WHEN a.is_on_view THEN 'true' ELSE 'false' END",
    "public_domain": "CASE WHEN a.is_public_domain THEN 'true' ELSE 'false' END",
    "has_picture": "CASE WHEN a.image_status = 'stored' THEN 'true' ELSE 'false' END",
    "century": "(floor(least(a.date_start, a.date_end) / 100.0) * 100)::int::text",
    "style": "v.value",
    "subject": "v.value",
    "material": "v.value",
    "artist": "v.name",
}
# The filters that a field's own choice is made by.
_LIFTED = {"century": ("year_from", "year_to")}

_COUNT = sql.SQL(
    "(SELECT {field}, {value} AS value, count(DISTINCT a.id) AS works FROM kept a {more} "
    "WHERE {value} <> '' GROUP BY 2 ORDER BY works DESC, value LIMIT {top})"
)
_KEPT = sql.SQL(
    "WITH kept AS MATERIALIZED (SELECT a.id, {columns} FROM museum_artwork a "
    "JOIN ({works}) w ON w.id = a.id) {counts}"
)


@dataclass(frozen=True)
class Value:
    """One value of a field, and the works that it would keep. A century is its first year."""

    value: str
    works: int
    is_chosen: bool


def facets(query: Query, fields: Iterable[str] = FIELDS) -> dict[str, list[Value]]:
    """Return the counts of `fields` under the filters of `query`, most common values first.

    Fields without a filter of their own are counted in one statement, any other in one each.
    """
    wanted = [name for name in _COLUMNS if name in set(fields)]
    key = _key(query, wanted)
    counts = dict[str, list[Value]]
    return typed_cache.read_or_make(
        key, counts, lambda: _counted(query, wanted), FACETS_TTL_SECONDS
    )


def _counted(query: Query, wanted: list[str]) -> dict[str, list[Value]]:
    free: list[str] = []
    own: list[str] = []
    for name in wanted:
        (free if _lifted(query, name) == query.filters else own).append(name)
    counts: dict[str, list[Value]] = {name: [] for name in wanted}
    for names in [free, *([name] for name in own)]:
        for name, value, works in _count(query, names) if names else ():
            counts[name].append(Value(value, works, value in _chosen(query, name)))
    return counts


def _lifted(query: Query, name: str) -> object:
    return query.filters.without(*_LIFTED.get(name, (name,)))


def _chosen(query: Query, name: str) -> tuple[str, ...]:
    match getattr(query.filters, name, ()):
        case bool() as wanted:
            return ("true" if wanted else "false",)
        case tuple() as values:
            return values
    return ()


def _count(query: Query, names: list[str]) -> list[tuple[str, str, int]]:
    lifted = query.filters.without(*(each for n in names for each in _LIFTED.get(n, (n,))))
    works_sql, params = candidates(query.with_filters(lifted)).as_named_sql()
    columns = {_COLUMNS[name] for name in names} | ({"date_end"} if "century" in names else set())
    statement = _KEPT.format(
        columns=sql.SQL(", ").join(sql.Identifier("a", each) for each in sorted(columns)),
        works=sql.SQL(works_sql),
        counts=sql.SQL(" UNION ALL ").join(_count_sql(name) for name in names),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def _count_sql(name: str) -> sql.Composed:
    more = ""
    if name == "artist":
        more = "JOIN museum_artist v ON v.id = a.artist_id"
    elif _VALUES.get(name) == "v.value":
        more = f"CROSS JOIN LATERAL unnest(a.{_COLUMNS[name]}) AS v(value)"
    return _COUNT.format(
        field=sql.Literal(name),
        value=sql.SQL(_VALUES.get(name, f"a.{_COLUMNS[name]}")),
        more=sql.SQL(more),
        top=sql.Literal(TOP),
    )


def _key(query: Query, wanted: list[str]) -> str:
    asked = (query.filters, query.phrases, query.excluded, wanted, changes.version())
    return "facets:" + hashlib.blake2b(repr(asked).encode(), digest_size=16).hexdigest()
