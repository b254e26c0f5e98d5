"""Fusion against the formula written out, and its promises."""

import random

import pytest

from search.ranking import tuning
from search.ranking.fusion import fuse
from search.ranking.matches import Ranked

WEIGHTS = {"image": 1.0, "text": 0.5, "words": 2.0}


def naive(channels, weights):
    """Score every work by the formula, one at a time."""
    best = sum(weights[name] / (tuning.RRF_K + 1) for name in channels)
    works = {match.artic_id for found in channels.values() for match in found}
    scores = {}
    for work in works:
        total = 0.0
        for name, found in channels.items():
            for place in range(len(found)):
                if found[place].artic_id == work:
                    total += weights[name] * found[place].weight / (tuning.RRF_K + place + 1)
        scores[work] = total / best
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))


@pytest.mark.parametrize("seed", range(5))
def test_it_equals_the_formula(seed):
    chance = random.Random(seed)
    channels = {
        name: [
            Ranked(work, chance.random(), chance.choice([1.0, 0.5]))
            for work in chance.sample(range(60), 40)
        ]
        for name in WEIGHTS
    }
    fused = fuse(channels, WEIGHTS)
    expected = naive(channels, WEIGHTS)
    assert [each.artic_id for each in fused] == [work for work, _ in expected]
    assert [each.score for each in fused] == pytest.approx([score for _, score in expected])


def test_the_first_of_every_channel_scores_one():
    channels = {name: [Ranked(7, 0.3), Ranked(8, 0.2)] for name in WEIGHTS}
    assert fuse(channels, WEIGHTS)[0].score == pytest.approx(1)


def test_equal_scores_are_in_order_of_ids():
    channels = {"image": [Ranked(9, 1), Ranked(2, 1)], "text": [Ranked(2, 1), Ranked(9, 1)]}
    assert [each.artic_id for each in fuse(channels, {"image": 1, "text": 1})] == [2, 9]


def test_it_keeps_ranks_and_values_of_each_channel():
    (fused,) = fuse({"image": [Ranked(1, 0.25)], "words": []}, WEIGHTS)
    assert {name: (r.rank, r.value) for name, r in fused.channels.items()} == {"image": (1, 0.25)}


def test_nothing_found_is_an_empty_ranking():
    assert fuse({}, WEIGHTS) == []
    assert fuse({"image": []}, WEIGHTS) == []


def test_what_words_put_first_is_not_outvoted_by_two_middling_ranks():
    words = [Ranked(1, 1.0), *(Ranked(n, 0.5) for n in range(2, 7))]
    texts = [*(Ranked(n, 0.6) for n in range(11, 16)), Ranked(6, 0.5)]
    found = fuse({"words": words, "text": texts}, tuning.CHANNEL_WEIGHTS)
    assert found[0].artic_id == 1


def test_a_word_of_a_query_does_not_outrank_what_it_means():
    words = [Ranked(1, 0.2, weight=0.2)]
    texts = [Ranked(2, 0.7)]
    found = fuse({"words": words, "text": texts}, tuning.CHANNEL_WEIGHTS)
    assert [each.artic_id for each in found] == [2, 1]
