"""Where the works that fit end and the rest of the collection begins.

A cosine means little by itself: how far apart pictures and texts lie differs from model to model
and from query to query. So each query is compared with a sample of the collection, too, and a
match is told by how many standard deviations it lies above what this query gives works by chance.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from search.ranking.channels import IMAGE, TEXT
from search.ranking.matches import ChannelRank

STRONG, RELATED, WEAK = LEVELS = ("strong", "related", "weak")

# Deviations above chance. Of a normal distribution one value in 740 lies above 3, one in 44 above
# 2: in a sample of 512 chance alone would call no more than one work strong.
STRONG_Z, RELATED_Z = 3.0, 2.0
# Shares of the query's rarity that a work carries in words.
STRONG_COLOUR, RELATED_COLOUR = 0.4, 0.15  # shares of the picture
STRONG_WORDS, RELATED_WORDS = 0.8, 0.4


@dataclass(frozen=True)
class Background:
    """What one query gives works by chance: (mean, deviation) of its cosines for each kind."""

    chance: Mapping[str, tuple[float, float]]

    def z(self, kind: str, cosine: float) -> float | None:
        """Return the deviations above chance; None where the sample is too small to tell."""
        if kind not in self.chance:
            return None
        mean, deviation = self.chance[kind]
        return (cosine - mean) / deviation

    def best_z(self, channels: Mapping[str, ChannelRank]) -> float | None:
        """Return the larger one of a work's channels."""
        found = [self.z(kind, place.value) for kind, place in channels.items()]
        return max((z for z in found if z is not None), default=None)

    def level(self, channels: Mapping[str, ChannelRank]) -> str:
        """Return strong, related or weak: by the vectors or by the words, whichever says more."""
        z = self.best_z(channels)
        if "name" in channels or "pinned" in channels:  # asked for by its title, or by a curator
            return STRONG
        if set(channels) == {"color"}:
            share = channels["color"].value
            return (
                STRONG if share >= STRONG_COLOUR else RELATED if share >= RELATED_COLOUR else WEAK
            )
        words = channels["words"].weight if "words" in channels else 0.0
        if words >= STRONG_WORDS or (z is not None and z >= STRONG_Z):
            return STRONG
        # Where nothing can be told by chance, what vectors found is not called weak.
        untold = z is None and any(kind in channels for kind in (IMAGE, TEXT))
        if words >= RELATED_WORDS or untold or (z is not None and z >= RELATED_Z):
            return RELATED
        return WEAK


UNKNOWN = Background({})


def reaches(level: str, least: str) -> bool:
    """Whether `level` is `least` or better; every level is at least ""."""
    return not least or LEVELS.index(level) <= LEVELS.index(least)
