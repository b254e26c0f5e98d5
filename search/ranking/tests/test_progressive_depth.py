"""Pages never repeat or lose works, wherever the lists end that they are made from."""

import random

import pytest

from search.ranking.fusion import fuse
from search.ranking.matches import Ranked
from search.ranking.progressive_depth import Tier, ranking

TIERS = (Tier(10, 15), Tier(30, 40), Tier(100, 100))
WEIGHTS = {"image": 1.0, "text": 1.0}


def lists(seed: int, works: int):
    chance = random.Random(seed)
    return {
        name: [Ranked(work, 1.0) for work in chance.sample(range(works), works)] for name in WEIGHTS
    }


def answer(whole, end: int):
    def look(depth):
        cut = {name: found[:depth] for name, found in whole.items()}
        return cut, all(len(found) <= depth for found in whole.values())

    return ranking(end, look, lambda found: fuse(found, WEIGHTS), TIERS)


def ids(found) -> list[int]:
    return [each.artic_id for each in found.works]


@pytest.mark.parametrize("seed", range(5))
def test_a_deeper_page_keeps_what_earlier_pages_showed(seed):
    whole = lists(seed, 500)
    last = ids(answer(whole, 100))
    assert len(last) == len(set(last)) == 100
    for end in range(1, 101):
        assert ids(answer(whole, end))[:end] == last[:end]


def test_first_pages_look_no_deeper_than_they_must():
    looked = []

    def look(depth):
        looked.append(depth)
        return {"image": [Ranked(n, 1.0) for n in range(depth)]}, False

    ranking(10, look, lambda found: fuse(found, WEIGHTS), TIERS)
    assert looked == [15]
    ranking(11, look, lambda found: fuse(found, WEIGHTS), TIERS)
    assert looked == [15, 15, 40]


def test_an_answer_that_is_whole_ends_there():
    found = answer(lists(1, 12), 5)
    assert found.is_whole
    assert len(found.works) == 12


def test_beyond_the_last_tier_there_is_nothing():
    found = answer(lists(2, 500), 5_000)
    assert not found.is_whole
    assert len(found.works) == 100
