"""Count the works of each facet value, exactly, and cache the counts until a work changes.

A facet is counted without its own filter, so that visitors see the values they could add to the
chosen one. The counts cover the works that pass the other filters, the phrases and the exclusions;
words only rank works.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg import sql

from museum.core.caching import typed_cache
from museum.core.database.read_replica import connection
from search.engine import data_version
from search.query.facets import COUNTED, Facet, Kind
from search.query.query import Query
from search.retrieval.candidates import candidates

TOP = 30  # values of one facet, most common first
FACETS_TTL_SECONDS = 3600

_COUNT = sql.SQL(
    "(SELECT {field}, {value} AS value, count(DISTINCT a.id) AS works FROM filtered a {more} "
    "WHERE {value} <> '' GROUP BY 2 ORDER BY works DESC, value LIMIT {top})"
)
_FILTERED = sql.SQL(
    "WITH filtered AS MATERIALIZED (SELECT a.id, {columns} FROM museum_artwork a "
    "JOIN ({works}) w ON w.id = a.id) {counts}"
)


@dataclass(frozen=True)
class Value:
    """One value of a facet and its number of works. A century is named by its first year."""

    value: str
    works: int
    is_chosen: bool


def facets(query: Query, fields: Iterable[str] = COUNTED) -> dict[str, list[Value]]:
    """Return the counts of the facets `fields` for `query`, most common values first.

    All facets without a filter in `query` share one SQL statement; each other one takes its own.
    """
    names = set(fields)
    selection = [facet for name, facet in COUNTED.items() if name in names]
    key = _key(query, selection)
    counts = dict[str, list[Value]]
    return typed_cache.read_or_make(
        key, counts, lambda: _counted(query, selection), FACETS_TTL_SECONDS
    )


def _counted(query: Query, selection: Sequence[Facet]) -> dict[str, list[Value]]:
    free: list[Facet] = []
    own: list[Facet] = []
    for facet in selection:
        is_free = query.filters.without(*facet.parameters) == query.filters
        (free if is_free else own).append(facet)
    counts: dict[str, list[Value]] = {facet.name: [] for facet in selection}
    chosen = {facet.name: _chosen(query, facet) for facet in selection}
    for facets_counted in [free, *([facet] for facet in own)]:
        for name, value, works in _count(query, facets_counted) if facets_counted else ():
            counts[name].append(Value(value, works, value in chosen[name]))
    return counts


def _chosen(query: Query, facet: Facet) -> tuple[str, ...]:
    match getattr(query.filters, facet.parameters[0]):
        case bool() as flag:
            return ("true" if flag else "false",)
        case tuple() as values:
            return values
    return ()


def _count(query: Query, selection: Sequence[Facet]) -> list[tuple[str, str, int]]:
    other_filters = query.filters.without(
        *(name for facet in selection for name in facet.parameters)
    )
    works_sql, params = candidates(query.with_filters(other_filters)).as_named_sql()
    columns = {column for facet in selection for column in _columns(facet)}
    statement = _FILTERED.format(
        columns=sql.SQL(", ").join(sql.Identifier("a", each) for each in sorted(columns)),
        works=sql.SQL(works_sql),
        counts=sql.SQL(" UNION ALL ").join(map(_count_sql, selection)),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def _columns(facet: Facet) -> tuple[str, ...]:
    return ("date_start", "date_end") if facet.kind is Kind.YEARS else (facet.column,)


def _count_sql(facet: Facet) -> sql.Composed:
    column = sql.Identifier("a", facet.column)
    value: sql.Composable = column
    source = sql.Composed([])
    match facet.kind:
        case Kind.LIST:
            value = sql.Identifier("v", "value")
            source = sql.SQL("CROSS JOIN LATERAL unnest({}) AS v(value)").format(column)
        case Kind.ARTIST:
            value = sql.Identifier("v", "name")
            source = sql.SQL("JOIN museum_artist v ON v.id = {}").format(column)
        case Kind.FLAG:
            value = sql.SQL("CASE WHEN {} = {} THEN 'true' ELSE 'false' END").format(
                column, sql.Literal(facet.yes)
            )
        case Kind.YEARS:
            value = sql.SQL("(floor(least(a.date_start, a.date_end) / 100.0) * 100)::int::text")
    return _COUNT.format(
        field=sql.Literal(facet.name), value=value, more=source, top=sql.Literal(TOP)
    )


def _key(query: Query, selection: Sequence[Facet]) -> str:
    names = [facet.name for facet in selection]
    parts = (query.filters, query.phrases, query.excluded, names, data_version.version())
    return "facets:" + hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()
