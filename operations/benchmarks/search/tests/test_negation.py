"""What the generator knows judges a search with "without"."""

import pytest

from operations.benchmarks.search import negation
from operations.benchmarks.search.negation import Exclusion
from testing.factories import work

WORKS = {
    **{n: frozenset({"boat", "people"}) for n in range(10)},
    **{n: frozenset({"boat"}) for n in range(10, 25)},
    **{n: frozenset({"house"}) for n in range(25, 60)},
}


def test_only_pairs_that_can_fail_and_can_be_met_are_asked():
    assert negation.exclusions(WORKS) == [Exclusion("boat", "people")]
    assert negation.exclusions(WORKS)[0].text == "boat without people"


def test_both_readings_differ_in_what_is_avoided():
    assert negation.without_negation("boat without people").avoided == ()
    assert negation.with_negation("boat without people").avoided == ("people",)


@pytest.mark.django_db
def test_shares_are_of_ten():
    for n in (1, 2, 3, 12):
        work(f"Boat {n}", artic_id=n)
    queries = [Exclusion("boat", "people")]
    assert list(negation.violations(queries, WORKS, negation.with_negation)) == [(0.3, 0.4)]


def test_the_scenes_say_what_is_seen():
    scenes = negation.collection_scenes(40, 1)
    seen = [negation.things(scene) for scene in scenes]
    assert any("people" in each for each in seen)
    assert all(
        ("people" in each) == scene.shows_people() for each, scene in zip(seen, scenes, strict=True)
    )
