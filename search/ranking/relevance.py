"""Judge how relevant a match is.

A cosine means little by itself, because its scale differs between models and between queries. So
each query is also compared with a sample of the collection. A match is judged by its standard
deviations above the mean cosine of that sample, which is what chance would give.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from search.ranking.channels import CHANNELS
from search.ranking.levels import LEVELS, WEAK
from search.ranking.matches import ChannelRank


@dataclass(frozen=True)
class Background:
    """The (mean, standard deviation) of a query's cosines with the sample, by kind."""

    chance: Mapping[str, tuple[float, float]]

    def z(self, kind: str, cosine: float) -> float | None:
        """Return the deviations of `cosine` above chance; None if the sample is too small."""
        if kind not in self.chance:
            return None
        mean, deviation = self.chance[kind]
        return (cosine - mean) / deviation

    def best_z(self, ranks: Mapping[str, ChannelRank]) -> float | None:
        """Return the largest z of a work's channels; None if none is known."""
        scores = [self.z(kind, rank.value) for kind, rank in ranks.items()]
        return max((z for z in scores if z is not None), default=None)

    def level(self, ranks: Mapping[str, ChannelRank]) -> str:
        """Return the best level (strong, related or weak) of the work's channels."""
        z = self.best_z(ranks)
        names = [name for name in ranks if not CHANNELS[name].yields] or list(ranks)
        reached = [CHANNELS[name].level(ranks[name], z) for name in names]
        return min(reached, key=LEVELS.index, default=WEAK)


UNKNOWN = Background({})
