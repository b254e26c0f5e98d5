"""Which works a search may answer with, and whether they are few enough to look at one by one."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from psycopg import sql

from museum.models import Artwork, ArtworkQuerySet
from search.query.query import Query
from search.ranking import tuning
from search.ranking.progressive_depth import END


@dataclass(frozen=True)
class Scope:
    """The works of `works`; where they are few, `keys` is an array of their primary keys as SQL has
    it, and `number` counts them."""

    works: ArtworkQuerySet
    keys: str | None = None
    number: int | None = None

    @cached_property
    def sql(self) -> tuple[sql.SQL, dict[str, Any]]:
        """SQL for the columns `id` and `artic_id` of the works, and its parameters by name."""
        if self.keys is not None and self.is_whole:
            few = "SELECT id, artic_id FROM museum_artwork WHERE id = ANY(%(scope)s::bigint[])"
            return sql.SQL(few), {"scope": self.keys}
        statement, params = self.works.as_named_sql()
        return sql.SQL(statement), params

    @property
    def is_whole(self) -> bool:
        """Whether paging reaches all of the works, so that they can be looked at at once."""
        return self.number is not None and self.number <= END


def candidates(query: Query) -> ArtworkQuerySet:
    """Return the works that may answer `query` at all, unranked."""
    works = query.filters.apply(Artwork.objects.visible())
    if unwanted := {*query.like, *query.unlike, *query.hidden}:
        works = works.exclude(artic_id__in=unwanted)
    for phrase in query.phrases:
        works = works.carrying(phrase)
    for term in query.excluded:
        works = works.not_carrying(term)
    return works


@cache
def unfiltered_scope() -> Scope:
    """Return the scope of a query that narrows nothing. Django takes a fifth of the time of a
    vector search to write its SQL, which is always the same."""
    return Scope(Artwork.objects.visible())


def candidate_scope(query: Query) -> Scope:
    """Return the scope of `query`. Where it narrows the collection, its works are read once, at
    most `tuning.FEW_WORKS` + 1 of them, and all channels then share what was read."""
    if not (query.is_narrow or query.like or query.unlike or query.hidden or query.excluded):
        return unfiltered_scope()
    works = candidates(query)
    if not query.is_narrow:
        return Scope(works)
    keys, number = works.key_array(tuning.FEW_WORKS + 1)
    return Scope(works, keys, number) if number <= tuning.FEW_WORKS else Scope(works)
