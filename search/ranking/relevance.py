"""Where the works that fit end and the rest of the collection begins.

A cosine means little by itself: how far apart pictures and texts lie differs from model to model
and from query to query. So each query is compared with a sample of the collection, too, and a
match is told by how many standard deviations it lies above what this query gives works by chance.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from search.ranking.channels import CHANNELS
from search.ranking.levels import LEVELS, WEAK
from search.ranking.matches import ChannelRank


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

    def best_z(self, ranks: Mapping[str, ChannelRank]) -> float | None:
        """Return the larger one of a work's channels."""
        scores = [self.z(kind, rank.value) for kind, rank in ranks.items()]
        return max((z for z in scores if z is not None), default=None)

    def level(self, ranks: Mapping[str, ChannelRank]) -> str:
        """Return strong, related or weak: the best that a channel of the work says."""
        z = self.best_z(ranks)
        names = [name for name in ranks if not CHANNELS[name].yields] or list(ranks)
        reached = [CHANNELS[name].level(ranks[name], z) for name in names]
        return min(reached, key=LEVELS.index, default=WEAK)


UNKNOWN = Background({})
