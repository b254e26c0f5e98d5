"""Rerank the fused list: pinned and named works first, boosts, near-duplicates folded."""

from dataclasses import replace

from psycopg import sql

from museum.core.database.read_replica import connection
from search.query.query import Query
from search.ranking import tuning
from search.ranking.channels import NAME, PINNED
from search.ranking.duplicates import WorkFeatures, fold
from search.ranking.matches import ChannelRank, Fused
from search.retrieval.candidates import Scope

_FEATURES = sql.SQL("""
SELECT artic_id, phash, (palette->0->'lab')::text, boost, FALSE FROM museum_artwork
WHERE artic_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT a.artic_id, a.phash, (a.palette->0->'lab')::text, a.boost, TRUE
FROM museum_artwork a JOIN ({works}) w ON w.id = a.id
WHERE a.id IN (
    SELECT id FROM museum_artwork WHERE accession_number = ANY(%(numbers)s)
    UNION SELECT id FROM museum_artwork WHERE artic_id = ANY(%(pinned)s::bigint[])
    UNION (
        SELECT id FROM museum_artwork WHERE NOT is_hidden AND withdrawn_at IS NULL
        AND left(lower(museum_fold(title)), 100) = left(lower(museum_fold(%(name)s)), 100)
        AND lower(museum_fold(title)) = lower(museum_fold(%(name)s))
        LIMIT %(most)s + 1
    )
)
""")


class Reranker:
    """Rerank the fused works of one query. Caches the features that it reads of each work."""

    def __init__(self, query: Query, scope: Scope) -> None:
        self.query = query
        self.scope = scope
        self._features: dict[int, WorkFeatures] = {}

    def rerank(self, works: list[Fused]) -> list[Fused]:
        """Return pinned works, works named in the query, then the rest of `works` with boosts.

        Pinned works keep the curator's order.
        """
        first_places = self._read_features([each.artic_id for each in works])
        by_id = {each.artic_id: self._boosted(each) for each in works}
        first = [_first(by_id.get(artic_id), artic_id, by) for artic_id, by in first_places.items()]
        rest = [each for each in by_id.values() if each.artic_id not in first_places]
        if any(
            self._features[each.artic_id].boost for each in rest if each.artic_id in self._features
        ):
            rest.sort(key=lambda each: (-each.score, each.artic_id))
        return first + rest

    def fold(self, works: list[Fused]) -> list[Fused]:
        """Fold near-duplicates in `works` into the first of each, if the query dedupes."""
        return fold(works, self._features) if self.query.dedupe else works

    def _read_features(self, ids: list[int]) -> dict[int, str]:
        """Read the features of `ids`; return the works to put first, by id, with their channel."""
        name = (self.query.rewrite or self.query.text).strip('"').strip()
        works, params = self.scope.sql
        params = params | {
            "ids": ids,
            "name": name,
            "numbers": list({name, name.upper(), name.lower()}) if name else [],
            "most": tuning.MAX_NAMESAKES if name else -1,
            "pinned": list(self.query.pinned),
        }
        with connection.cursor() as cursor:
            cursor.execute(_FEATURES.format(works=works), params)
            rows = cursor.fetchall()
        for artic_id, phash, lab, boost, _ in rows:
            self._features[artic_id] = WorkFeatures(phash, lab or "", boost)
        found = {artic_id for artic_id, *_, comes_first in rows if comes_first}
        pinned = [artic_id for artic_id in self.query.pinned if artic_id in found]
        named = sorted(found.difference(pinned))
        named = named if len(named) <= tuning.MAX_NAMESAKES else []
        return {**dict.fromkeys(pinned, PINNED), **dict.fromkeys(named, NAME)}

    def _boosted(self, work: Fused) -> Fused:
        features = self._features.get(work.artic_id)
        if features is None or not features.boost:
            return work
        return replace(work, score=work.score * (1 + tuning.MAX_BOOST_SHARE * features.boost))


def _first(work: Fused | None, artic_id: int, by: str) -> Fused:
    return Fused(artic_id, 1.0, {**(work.channels if work else {}), by: ChannelRank(1, 1.0)})
