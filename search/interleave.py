"""Two rankings on one page, and which of them visitors prefer by what they click.

Team-draft interleaving (Radlinski, Kurup and Joachims, "How does clickthrough data reflect
retrieval quality?", CIKM 2008): both rankings pick in turn, a coin says who begins each round, and
a click counts for the team that picked the work. Neither gains by its place on the page.
"""

import math
import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

BASELINE, CANDIDATE = TEAMS = ("baseline", "candidate")
Z = 1.959964  # of a normal distribution, for 95 %


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


@dataclass(frozen=True)
class Outcome:
    """On how many pages with clicks the candidate had more of them, fewer, or as many."""

    wins: int
    losses: int
    ties: int

    @property
    def decided(self) -> int:
        """Pages that say something; a tie says nothing (as in a sign test)."""
        return self.wins + self.losses

    @property
    def rate(self) -> float | None:
        """The candidate's share of the pages decided; None where there is none."""
        return self.wins / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of `rate` (Wilson's score interval, right for few pages, too)."""
        if not self.decided:
            return 0.0, 1.0
        n, p = self.decided, self.wins / self.decided
        middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
        return max(middle - half, 0.0), min(middle + half, 1.0)

    def __str__(self) -> str:
        pages = f"{self.decided} pages decided, {self.ties} tied"
        if self.rate is None:
            return pages
        low, high = self.interval
        verdict = "better" if low > 0.5 else "worse" if high < 0.5 else "no difference shown"
        return f"{self.rate:.0%} ({low:.0%} to {high:.0%}), {verdict}; {pages}"
