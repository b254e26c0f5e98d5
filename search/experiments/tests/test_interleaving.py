"""Team-draft interleaving is fair to both rankings, and its outcome says how sure it is."""

import random

import pytest

from search.experiments.interleaving import BASELINE, CANDIDATE, team_draft
from search.models import Outcome

ONE, OTHER = list(range(10)), [3, 12, 0, 15, 4, 11, 1, 16, 2, 17]


def draft(one: list[int], other: list[int], seed: int) -> list[tuple[str, int]]:
    return team_draft(one, other, random.Random(seed), lambda work: {work})


@pytest.mark.parametrize("seed", range(20))
def test_every_work_is_there_once_and_each_team_keeps_its_order(seed):
    picks = draft(ONE, OTHER, seed)
    assert sorted(work for _, work in picks) == sorted({*ONE, *OTHER})
    for team, ranking in ((BASELINE, ONE), (CANDIDATE, OTHER)):
        own = [work for picked, work in picks if picked == team]
        assert own == sorted(own, key=ranking.index)
    # In each round both pick once.
    rounds = [team for team, _ in picks[:10]]
    assert all(set(rounds[n : n + 2]) == {BASELINE, CANDIDATE} for n in range(0, 10, 2))


def test_the_same_coin_drafts_the_same_beginning_however_deep_the_rankings():
    for seed in range(20):
        assert draft(ONE, OTHER, seed)[:6] == draft(ONE[:6], OTHER[:6], seed)[:6]


def test_the_other_goes_on_where_one_ranking_ends():
    assert [work for _, work in draft([1], [2, 3, 4], 0)][-2:] == [3, 4]
    assert draft([], [], 0) == []


def test_of_works_that_are_nearly_the_same_only_one_is_picked():
    alike = {1: {1, 9}, 9: {9, 1}}
    for seed in range(8):
        picks = team_draft([1, 2], [9, 2], random.Random(seed), lambda w: alike.get(w, {w}))
        assert {work for _, work in picks} in ({1, 2}, {9, 2})


def clicked(one: list[int], other: list[int], wanted) -> Outcome:
    """The outcome of 2,000 visitors who open the first work on the page that they want."""
    wins = losses = 0
    for seed in range(2000):
        team = next(team for team, work in draft(one, other, seed) if wanted(work))
        wins += team == CANDIDATE
        losses += team == BASELINE
    return Outcome(wins, losses, 0)


def test_visitors_who_open_whatever_comes_first_prefer_neither():
    low, high = clicked(ONE, OTHER, lambda work: True).interval
    assert low < 0.5 < high
    low, high = clicked(ONE, ONE, lambda work: work == 4).interval
    assert low < 0.5 < high


def test_the_ranking_that_has_what_they_want_further_up_wins():
    found = clicked(ONE, OTHER, lambda work: work in {3, 4})
    assert found.interval[0] > 0.5
    assert "better" in str(found)
    assert clicked(OTHER, ONE, lambda work: work in {3, 4}).interval[1] < 0.5


@pytest.mark.parametrize(
    ("wins", "losses", "low", "high"),
    # As R's prop.test(correct = FALSE) and the tables of Brown, Cai and DasGupta (2001) have them.
    [(5, 5, 0.2366, 0.7634), (0, 10, 0.0, 0.2775), (10, 0, 0.7225, 1.0), (60, 40, 0.5020, 0.6906)],
)
def test_the_interval_is_wilsons(wins, losses, low, high):
    assert Outcome(wins, losses, 7).interval == pytest.approx((low, high), abs=1e-4)


def test_without_clicks_nothing_is_claimed():
    assert Outcome(0, 0, 0).interval == (0.0, 1.0)
    assert str(Outcome(0, 0, 3)) == "0 pages decided, 3 tied"
    assert "no difference shown" in str(Outcome(3, 2, 0))
