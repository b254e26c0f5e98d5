"""The floor of search: any word by ts_rank, and reciprocal ranks added."""

import pytest

from museum.models import Description
from testing.factories import work
from training.search_quality import baseline, evaluate


@pytest.mark.django_db
def test_any_word_of_record_or_texts_finds_a_work():
    both = work("Boat", text="A red sail.")
    one = work("House", text="A red roof over a long street of many other houses and their doors.")
    work("Field", text="Wheat.")
    hidden = work("Hill")
    Description.objects.create(artwork=hidden, source="generated", text="Red.", is_approved=False)
    found = baseline.any_word("red boats", 10)
    assert found == [both.artic_id, one.artic_id]
    assert baseline.any_word("red boats", 1) == found[:1]
    assert baseline.any_word("the of", 10) == []


def test_ranks_are_added_and_ties_go_by_id():
    assert baseline.rrf([[1, 2, 3], [3, 1]], 10) == [1, 3, 2]
    assert baseline.rrf([[2], [1]], 1) == [1]
    assert baseline.rrf([[], []], 5) == []


@pytest.mark.django_db
def test_each_search_is_answered_by_the_floor_too():
    made = work("Boat", text="A red sail.")
    lists = evaluate.answers("red boat")
    assert lists[baseline.ANY_WORD] == lists[baseline.RRF] == [made.artic_id]
