"""The works that stand in an answer, read anew for each: what may not be shown is left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from museum.models import Artwork
from search import channels, relevance
from search.answers import Place
from search.fusion import ChannelRank, Fused
from search.relevance import WEAK


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
    nearest = ranks.get(channels.IMAGE) or ranks.get(channels.TEXT)
    return None if nearest is None else 1.0 - nearest.value
