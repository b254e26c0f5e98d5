"""Several ranked lists made one, by weighted reciprocal rank. Pure: no database, no model."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank
# Learning Methods", SIGIR 2009, take 60. That suits many rankers that are alike; here a first place
# says much more than a tenth: nDCG@10 is .77 with 60 and .83 with 5 (docs/search.md).
K = 5


@dataclass(frozen=True)
class Ranked:
    """One work in the list of one channel. `value` is the channel's own measure.

    `weight` (0 to 1) is how much of the query this match answers: a channel that finds a work by
    one word of five says so here, and its rank then counts for less.
    """

    artic_id: int
    value: float
    weight: float = 1.0


@dataclass(frozen=True)
class ChannelRank:
    """Where one channel put a work: `rank` from 1, the channel's own measure, and how much of the
    query the match answers."""

    rank: int
    value: float
    weight: float = 1.0


@dataclass(frozen=True)
class Fused:
    """One work in the common ranking. `score` is 1 for the first of every channel, at least 0.

    `duplicates` are ids of works that are nearly the same and were folded into it (arrange.py).
    """

    artic_id: int
    score: float
    channels: dict[str, ChannelRank]
    duplicates: tuple[int, ...] = ()


def fuse(
    channels: Mapping[str, Sequence[Ranked]], weights: Mapping[str, float], k: int = K
) -> list[Fused]:
    """Rank works by the sum over channels of weight · match weight / (k + rank), best first.

    The sum is divided by what the first of every channel would get, so that scores of different
    queries have one scale. Equal scores are ordered by id.
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
