"""The works that stand in an answer, read anew for each: what may not be shown is left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from museum.core.text.lazy import Message
from museum.models import Artwork
from search.models import EmbeddingModel
from search.query.query import Query
from search.ranking import channels as channels_module
from search.ranking import relevance
from search.ranking.matches import ChannelRank, Fused
from search.ranking.relevance import WEAK
from search.retrieval.background_sample import Asked


@dataclass(frozen=True)
class Place:
    """One work of an answer: how it was found, its level of relevance, and z (relevance.py)."""

    found: Fused
    relevance: str
    z: float | None


@dataclass(frozen=True)
class Answer:
    """One page of an answer without its rows; see `engine.Results`.

    `vector` is what pictures were compared with, `asked` what each kind of embedding was.
    `is_complete` says that every part of the query was compared: one that lacks a part, because a
    model did not load, may be a better one next time.
    """

    places: list[Place]
    count: int
    warnings: list[Message]
    vector: np.ndarray | None
    asked: Asked = field(default_factory=dict)
    is_complete: bool = True


@dataclass(frozen=True)
class Hit:
    """One work found. `score` is 0 to 1, comparable within one answer.

    `distance` is the cosine distance (0 to 2) of its picture to the query, or of its best passage
    if no picture of it was compared; None when only words found it. The values in `channels` are
    cosines for "image" and "text", and a full-text rank for "words": more is better in each.
    `relevance` is strong, related or weak, by how far above chance the match is (`z`, in standard
    deviations; None where nothing could be compared) and by the words it carries (relevance.py).
    `duplicates` are ids of works that are nearly the same and were folded into this one, as far as
    the answer had to look.
    """

    artwork: Artwork
    score: float
    distance: float | None
    channels: dict[str, ChannelRank]
    relevance: str = WEAK
    z: float | None = None
    duplicates: tuple[int, ...] = ()


def unjudged(page: Iterable[Fused]) -> list[Place]:
    """The places of works that are compared with no query."""
    return [Place(each, relevance.UNKNOWN.level(each.channels), None) for each in page]


def of(page: Sequence[Place]) -> list[Hit]:
    """Return the works of `page` as they are now, without those that may not be shown."""
    artworks = (
        Artwork.objects.visible()
        .filter(artic_id__in=[place.found.artic_id for place in page])
        .select_related("artist")
        .defer("search_document")
    )
    by_id = {artwork.artic_id: artwork for artwork in artworks} if page else {}
    return [
        Hit(
            by_id[place.found.artic_id],
            place.found.score,
            _distance(place.found.channels),
            place.found.channels,
            place.relevance,
            place.z,
            place.found.duplicates,
        )
        for place in page
        if place.found.artic_id in by_id
    ]


def _distance(ranks: dict[str, ChannelRank]) -> float | None:
    nearest = ranks.get(channels_module.IMAGE) or ranks.get(channels_module.TEXT)
    return None if nearest is None else 1.0 - nearest.value


@dataclass(frozen=True)
class Results:
    """One page of an answer. `count` is the number of works that its pages show in all.

    Pages end at the 1,000th work; where more fit than that, `count` is 1,000 on every page. With
    `min_relevance` only works that reach it are shown and counted. `key` names the answer as long
    as what it was made of stays the same, "" where it is not kept (answers.py).
    """

    query: Query
    model: EmbeddingModel | None = None
    count: int = 0
    places: Sequence[Place] = ()
    warnings: list[Message] = field(default_factory=list)
    seconds: float = 0.0
    vector: np.ndarray | None = field(default=None, compare=False, repr=False)
    asked: Asked = field(default_factory=dict, compare=False, repr=False)
    key: str = ""

    @cached_property
    def hits(self) -> list[Hit]:
        """The works at `places`, read when they are first asked for."""
        return of(self.places)
