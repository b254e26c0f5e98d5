"""The match of a work in one channel, and in the fused ranking."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ranked:
    """One work in the list of one channel. `value` is the channel's own measure.

    `weight` (0 to 1) is the share of the query that this match answers. A work found by one word
    of five has a low weight, and its rank counts less.
    """

    artic_id: int
    value: float
    weight: float = 1.0


@dataclass(frozen=True)
class ChannelRank:
    """The place of a work in one channel.

    `rank` starts at 1, `value` is the channel's own measure, and `weight` (0 to 1) is the share of
    the query that the match answers.
    """

    rank: int
    value: float
    weight: float = 1.0


@dataclass(frozen=True)
class Fused:
    """One work in the fused ranking. `score` is 0 to 1; it is 1 for the first of every channel.

    `duplicates` are ids of near-identical works that were folded into it (`duplicates.py`).
    """

    artic_id: int
    score: float
    channels: dict[str, ChannelRank]
    duplicates: tuple[int, ...] = ()
