"""Fuse ranked lists by weighted reciprocal rank. Pure: no database, no model."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from search.ranking import tuning
from search.ranking.matches import ChannelRank, Fused, Ranked


def fuse(
    channels: Mapping[str, Sequence[Ranked]], weights: Mapping[str, float], k: int = tuning.RRF_K
) -> list[Fused]:
    """Rank works by the sum over channels of weight · match weight / (k + rank), best first.

    The sum is divided by the score of a work that is first in every channel, so that scores of
    different queries share one scale. Equal scores are ordered by id.
    """
    scores: dict[int, float] = defaultdict(float)
    ranks: dict[int, dict[str, ChannelRank]] = defaultdict(dict)
    best = sum(weights[name] for name in channels) / (k + 1)
    for name, found in channels.items():
        for rank, match in enumerate(found, start=1):
            scores[match.artic_id] += weights[name] * match.weight / (k + rank) / best
            ranks[match.artic_id][name] = ChannelRank(rank, match.value, match.weight)
    return [
        Fused(artic_id, scores[artic_id], ranks[artic_id])
        for artic_id in sorted(scores, key=lambda artic_id: (-scores[artic_id], artic_id))
    ]
