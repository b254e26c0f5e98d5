"""What a channel found of a work, before and after fusion."""

from dataclasses import dataclass


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

    `duplicates` are ids of near-identical works that were folded into it (`duplicates.py`).
    """

    artic_id: int
    score: float
    channels: dict[str, ChannelRank]
    duplicates: tuple[int, ...] = ()
