"""Descriptions are cut into windows that fit, and no word is lost."""

import pytest

from search.embeddings.passages import SENTENCES, passages

TEXT = (
    "One boat lies still. Two men wait! Is a third one coming? The painter, J. M. W. Turner, was "
    "born in London c. 1775. Mr. Ruskin wrote of it."
)


def fits(tokens):
    return lambda text: len(text.split()) <= tokens


def test_windows_of_three_sentences_begin_at_each_sentence():
    cut = [passage.text for passage in passages(TEXT, fits(100))]
    assert cut == [
        "One boat lies still. Two men wait! Is a third one coming?",
        "Two men wait! Is a third one coming? The painter, J. M. W. Turner, was born in London "
        "c. 1775.",
        "Is a third one coming? The painter, J. M. W. Turner, was born in London c. 1775. Mr. "
        "Ruskin wrote of it.",
    ]
    assert SENTENCES == 3


def test_positions_are_those_in_the_text():
    for passage in passages(TEXT, fits(9)):
        assert TEXT[passage.start : passage.end] == passage.text


@pytest.mark.parametrize("tokens", [1, 3, 5, 8, 13, 40])
def test_every_passage_fits_and_every_word_is_in_one(tokens):
    cut = passages(TEXT, fits(tokens))
    assert all(fits(tokens)(passage.text) for passage in cut)
    covered = {i for passage in cut for i in range(passage.start, passage.end)}
    assert all(i in covered or char.isspace() for i, char in enumerate(TEXT))
    assert len({passage.end for passage in cut}) == len(cut)


@pytest.mark.parametrize("text", ["A short text.", "no full stop", "  spaced.  "])
def test_a_short_text_is_one_passage(text):
    (passage,) = passages(text, fits(20))
    assert passage.text == text.strip()


def test_nothing_gives_nothing():
    assert passages(" \n ", fits(20)) == []


def test_a_word_that_never_fits_ends_nevertheless():
    assert [p.text for p in passages("abc def", lambda text: False)] == ["abc", "def"]


def test_sentences_of_other_scripts_end_too():
    cut = passages("畫中有女。她站著。小船在海上。天空是紅色。", lambda text: len(text) <= 12)
    assert [passage.text for passage in cut] == [
        "畫中有女。她站著。",
        "她站著。小船在海上。",
        "小船在海上。天空是紅色。",
    ]
