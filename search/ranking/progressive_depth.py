"""How deep the channels look for a page, so that first pages are fast and no page repeats another.

The first works of the answer come from short lists. A page further down adds, after all of those,
what longer lists bring and the short ones did not: whoever turns pages sees each work once, and
the order of what was seen never changes. Pure: no database, no model.
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
    """The first works of an answer. `is_whole` says that there are no more."""

    works: list[Fused]
    is_whole: bool


def ranking(
    end: int,
    retrieve: Callable[[int], tuple[Lists, bool]],
    fuse: Callable[[Lists], list[Fused]],
    tiers: Sequence[Tier] = TIERS,
    fold: Callable[[list[Fused]], list[Fused]] = lambda works: works,
) -> Ranking:
    """Return the answer as far as place `end`, from as few tiers as that takes.

    `retrieve(depth)` returns the channels' lists and whether they hold everything there is.
    `fold(works)` may put works into others before them; it must keep those that it is given first.
    """
    works: list[Fused] = []
    for tier in tiers:
        lists, is_whole = retrieve(tier.depth)
        seen = {each.artic_id for each in works} | {n for each in works for n in each.duplicates}
        works = fold([*works, *(each for each in fuse(lists) if each.artic_id not in seen)])
        if is_whole:
            return Ranking(works[: tiers[-1].end], is_whole=True)
        works = works[: tier.end]
        # Where few of a tier's works are good enough, the next one is looked at for a full page.
        if end <= len(works):
            break
    return Ranking(works, is_whole=False)
