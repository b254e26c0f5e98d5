"""Choose the depth of the channels' lists for a page, so that first pages are fast.

The first works of an answer come from short lists. A later page appends the works that only longer
lists contain, so each work appears once and the order of earlier pages never changes. Pure: no
database, no model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from search.ranking import tuning
from search.ranking.matches import Fused, Ranked


@dataclass(frozen=True)
class Tier:
    """Works up to place `end` of the answer come from lists of `depth`."""

    end: int
    depth: int


TIERS = tuple(Tier(end, depth) for end, depth in tuning.DEPTHS)
END = TIERS[-1].end

Lists = Mapping[str, Sequence[Ranked]]


@dataclass(frozen=True)
class Ranking:
    """The first works of an answer. `is_whole` says that there are no others."""

    works: list[Fused]
    is_whole: bool


def ranking(
    end: int,
    retrieve: Callable[[int], tuple[Lists, bool]],
    fuse: Callable[[Lists], list[Fused]],
    tiers: Sequence[Tier] = TIERS,
    fold: Callable[[list[Fused]], list[Fused]] = lambda works: works,
) -> Ranking:
    """Return the ranking up to place `end`, from as few tiers as possible.

    `retrieve(depth)` returns the channels' lists, and whether they are complete. `fold(works)` may
    fold works into earlier ones, but must keep the order of those it has returned before.
    """
    works: list[Fused] = []
    for tier in tiers:
        lists, is_whole = retrieve(tier.depth)
        seen = {each.artic_id for each in works} | {n for each in works for n in each.duplicates}
        works = fold([*works, *(each for each in fuse(lists) if each.artic_id not in seen)])
        if is_whole:
            return Ranking(works[: tiers[-1].end], is_whole=True)
        works = works[: tier.end]
        # If too few works of this tier are relevant, the next tier fills the page.
        if end <= len(works):
            break
    return Ranking(works, is_whole=False)
