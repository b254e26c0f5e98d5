"""What is typed is read once, the same for everyone."""

import pytest

from search.query.query import Query
from search.text import clean


@pytest.mark.parametrize(
    ("typed", "words", "phrases", "excluded", "meaning"),
    [
        ("red boat", ("red", "boat"), (), (), "red boat"),
        ('"red boat" sunset', ("sunset",), ("red boat",), (), "red boat sunset"),
        ("boat -people", ("boat",), (), ("people",), "boat"),
        ('boat -"two people"', ("boat",), (), ("two people",), "boat"),
        ("“red boat” —", (), ("red boat",), (), "red boat"),
        ("still-life of fruit", ("still", "life", "of", "fruit"), (), (), "still-life of fruit"),
        ("boats --people", ("boats",), (), ("people",), "boats"),
        (
            'an unclosed "quotation',
            ("an", "unclosed", "quotation"),
            (),
            (),
            "an unclosed quotation",
        ),
        ('24" x 18"', ("24", "x", "18"), (), (), "24 x 18"),
        ("Boat boat BOAT", ("Boat",), (), (), "Boat boat BOAT"),
        ("불회도 女", ("불회도", "女"), (), (), "불회도 女"),
        ("🐈", (), (), (), "🐈"),
        ("-people", (), (), ("people",), ""),
        ('"" - -- "-" !!! ;', (), (), (), ""),
        ("", (), (), (), ""),
    ],
)
def test_it_tells_words_phrases_and_exclusions(typed, words, phrases, excluded, meaning):
    query = Query.parse(typed)
    assert (query.words, query.phrases, query.excluded) == (words, phrases, excluded)
    assert query.meaning == meaning
    assert query.is_blank == (not meaning)


def test_cleaning_leaves_nothing_that_a_database_or_a_log_chokes_on():
    typed = " red\x00\x1b[31m\r\n boat\u202e\u200b \ud800 Ce\u0301zanne\u2028"
    assert clean(typed) == "red [31m boat Cézanne"
    assert clean("👨\u200d🌾") == "👨\u200d🌾"


def test_reading_what_was_read_changes_nothing():
    text = Query.parse('a  “red boat”\t-people\x00 "x').text
    assert Query.parse(text).text == text
