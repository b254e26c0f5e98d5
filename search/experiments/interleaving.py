"""Team-draft interleaving: two rankings on one page, compared by clicks.

See Radlinski, Kurup and Joachims, "How does clickthrough data reflect
retrieval quality?", CIKM 2008. Both rankings pick in turn, a coin decides which begins each round,
and a click counts for the team that picked the work. Neither gains by its place on the page.
"""

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

BASELINE, CANDIDATE = TEAMS = ("baseline", "candidate")


def team_draft(
    baseline: Sequence[T],
    candidate: Sequence[T],
    coin: random.Random,
    ids: Callable[[T], Collection[int]],
) -> list[tuple[str, T]]:
    """Return every work of either ranking once, with the team that picked it.

    `ids` returns the ids of a work and of its near duplicates; only the first of these is picked.
    """
    taken: set[int] = set()

    def unpicked(ranking: Sequence[T]) -> Iterator[T]:
        for each in ranking:
            if taken.isdisjoint(ids(each)):
                taken.update(ids(each))
                yield each

    remaining = {BASELINE: unpicked(baseline), CANDIDATE: unpicked(candidate)}
    picks: list[tuple[str, T]] = []
    while remaining:
        for team in coin.sample(TEAMS, 2):
            if team not in remaining:
                continue
            pick = next(remaining[team], None)
            if pick is None:
                del remaining[team]
            else:
                picks.append((team, pick))
    return picks
