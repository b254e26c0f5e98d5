"""The results of a search. Works are read when shown, and hidden ones are left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from museum.core.text.messages import Message
from museum.models import Artwork
from search.models import EmbeddingModel
from search.query.query import Query
from search.ranking import relevance
from search.ranking.channels import IMAGE, TEXT
from search.ranking.levels import WEAK
from search.ranking.matches import ChannelRank, Fused
from search.retrieval.background_sample import QueryVectors


@dataclass(frozen=True)
class Place:
    """One work of an answer: how it was found, its relevance level, and z
    (`search.ranking.relevance`)."""

    found: Fused
    relevance: str
    z: float | None


@dataclass(frozen=True)
class Answer:
    """One page of an answer without its rows; see `Results`.

    `vector` (dim,) was compared with pictures; `query_vectors` has the model and vector of each
    kind of embedding. `is_complete` is False if a model did not load, so that another attempt may
    give a better answer.
    """

    places: list[Place]
    count: int
    warnings: list[Message]
    vector: np.ndarray | None
    query_vectors: QueryVectors = field(default_factory=dict)
    is_complete: bool = True


@dataclass(frozen=True)
class Hit:
    """One work found. `score` is 0 to 1, comparable within one answer.

    `distance` is the cosine distance (0 to 2) of its picture to the query, or of its best passage
    if no picture of it was compared; None when only words found it. The values in `channels` are
    cosines for "image" and "text", and a full-text rank for "words": more is better in each.
    `relevance` is strong, related or weak, by how far above chance the match is (`z`, in standard
    deviations; None where nothing could be compared) and by the words it carries.
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


def unscored_places(page: Iterable[Fused]) -> list[Place]:
    """Return the places of works that are not compared with a query."""
    return [Place(each, relevance.UNKNOWN.level(each.channels), None) for each in page]


def load_hits(page: Sequence[Place]) -> list[Hit]:
    """Return the current works of `page`, without those that may not be shown."""
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
    nearest = ranks.get(IMAGE) or ranks.get(TEXT)
    return None if nearest is None else 1.0 - nearest.value


@dataclass(frozen=True)
class Results:
    """One page of an answer. `count` is the number of works on all pages together.

    Pages end at the 1,000th work; where more fit than that, `count` is 1,000 on every page. With
    `min_relevance` only works that reach it are shown and counted. `key` names the answer as long
    as what it was made of stays the same, "" where it is not kept (`answer_cache.py`).
    """

    query: Query
    model: EmbeddingModel | None = None
    count: int = 0
    places: Sequence[Place] = ()
    warnings: list[Message] = field(default_factory=list)
    seconds: float = 0.0
    vector: np.ndarray | None = field(default=None, compare=False, repr=False)
    query_vectors: QueryVectors = field(default_factory=dict, compare=False, repr=False)
    key: str = ""

    @cached_property
    def hits(self) -> list[Hit]:
        """The works at `places`, read on first access."""
        return load_hits(self.places)
