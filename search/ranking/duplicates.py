"""Fold near-duplicates into the first of them. Pure."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from search.ranking import tuning
from search.ranking.matches import Fused

_HASH_PARTS = [
    (0, 13),
    (13, 13),
    (26, 13),
    (39, 13),
    (52, 12),
]  # (start, width) in the 64 bits of a hash; DUPLICATE_HASH_BITS + 1 of them


@dataclass(frozen=True)
class WorkFeatures:
    """The features of a work that reranking needs."""

    phash: int | None
    colour: str  # L*, a* and b* of its largest colour as JSON, "" if it has none
    boost: float


def fold(works: Iterable[Fused], features_by_id: Mapping[int, WorkFeatures]) -> list[Fused]:
    """Fold each work into the first of `works` that it nearly duplicates.

    Two hashes that differ in at most four bits agree in at least one of five parts, so only works
    that share a part are compared.
    """
    heads: list[Fused] = []
    places: dict[tuple[int, int], list[int]] = {}
    for work in works:
        features = features_by_id.get(work.artic_id)
        keys = [] if features is None else _keys(features)
        near = (place for key in keys for place in places.get(key, ()))
        same = [p for p in near if _is_same(features, features_by_id[heads[p].artic_id])]
        if same:
            head = min(same)
            folded = {*heads[head].duplicates, work.artic_id, *work.duplicates}
            heads[head] = replace(heads[head], duplicates=tuple(sorted(folded)))
            continue
        for key in keys:
            places.setdefault(key, []).append(len(heads))
        heads.append(work)
    return heads


def _keys(features: WorkFeatures) -> list[tuple[int, int]]:
    # A picture of a single colour has a hash of zeros, which says nothing about likeness.
    if not features.phash or not features.colour:
        return []
    bits = features.phash & (2**64 - 1)
    return [(start, bits >> start & (1 << width) - 1) for start, width in _HASH_PARTS]


def _is_same(one: WorkFeatures | None, other: WorkFeatures) -> bool:
    if one is None or one.phash is None or other.phash is None:
        return False
    differing = ((one.phash ^ other.phash) & (2**64 - 1)).bit_count()
    if differing > tuning.DUPLICATE_HASH_BITS:
        return False
    return (
        math.dist(json.loads(one.colour), json.loads(other.colour))
        <= tuning.DUPLICATE_COLOR_DISTANCE
    )
