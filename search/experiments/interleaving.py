"""Two rankings on one page, and which of them visitors prefer by what they click.

Team-draft interleaving (Radlinski, Kurup and Joachims, "How does clickthrough data reflect
retrieval quality?", CIKM 2008): both rankings pick in turn, a coin says who begins each round, and
a click counts for the team that picked the work. Neither gains by its place on the page.
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

    `ids` of a work are its own and those of works that are nearly the same: of these only the
    first is picked.
    """
    taken: set[int] = set()

    def unpicked(ranking: Sequence[T]) -> Iterator[T]:
        for each in ranking:
            if taken.isdisjoint(ids(each)):
                taken.update(ids(each))
                yield each

    left = {BASELINE: unpicked(baseline), CANDIDATE: unpicked(candidate)}
    picks: list[tuple[str, T]] = []
    while left:
        for team in coin.sample(TEAMS, 2):
            if team not in left:
                continue
            pick = next(left[team], None)
            if pick is None:
                del left[team]
            else:
                picks.append((team, pick))
    return picks
