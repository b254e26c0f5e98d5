import dataclasses
import json
from datetime import UTC, datetime

import pytest

from ingest.sources.artic.parse import FIELDS, UNTITLED, parse
from ingest.sources.record import InvalidRecordError, digest
from ingest.sources.text import is_boilerplate
from ingest.tests.museum import record
from museum.core.text.markup import clean_html, plain_text


def test_it_asks_the_api_for_exactly_the_fields_it_reads():
    asked = []

    class Watched(dict):
        def get(self, name, default=None):
            asked.append(name)
            return super().get(name, default)

    parse(Watched(record(1)))
    assert set(asked) == set(FIELDS)


def test_an_absent_key_counts_as_null():
    found = parse({"id": 7, "title": "Only a title"})
    assert found.alt_titles == ()
    assert found.is_public_domain is None
    assert found.image_id is found.source_updated_at is None
    assert found.texts == ()


def test_a_record_without_a_title_is_untitled():
    assert parse({"id": 7, "title": None}).title == UNTITLED
    assert parse({"id": 7, "title": "  "}).title == UNTITLED


def test_odd_values_stay_as_they_are():
    found = parse(
        record(
            1,
            title="불회도 & 女",
            date_start=1850,
            date_end=-1200,
            alt_titles=None,
            artist_display="A\nB",
            artist_id=None,
        )
    )
    assert found.title == "불회도 & 女"
    assert (found.date_start, found.date_end) == (1850, -1200)
    assert found.artist_display == "A\nB"
    assert found.artist_artic_id is None


def test_names_lose_nulls_blanks_and_repeats_and_keep_their_order():
    found = parse(record(1, term_titles=["b", None, "", "a", "b"]))
    assert found.term_titles == ("b", "a")


def test_nul_and_lone_surrogates_are_dropped():
    found = parse(record(1, title="a\x00b\ud800c", subject_titles=["x\x00"]))
    assert found.title == "abc"
    assert found.subject_titles == ("x",)


def test_times_are_kept_in_utc():
    found = parse(record(1, updated_at="2024-01-13T20:20:00-06:00"))
    assert found.source_updated_at == datetime(2024, 1, 14, 2, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("id", "19"),
        ("id", True),
        ("id", -1),
        ("title", 5),
        ("alt_titles", "one"),
        ("term_titles", [1]),
        ("date_start", "1888"),
        ("date_end", 10**12),
        ("is_public_domain", "yes"),
        ("image_id", "../../etc/passwd"),
        ("updated_at", "yesterday"),
        ("description", {"html": "x"}),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(field, value):
    with pytest.raises(InvalidRecordError) as caught:
        parse(record(1, **{field: value}))
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field} is {json.dumps(value)}")
    assert caught.value.artic_id == (None if field == "id" else 1)


def test_a_wrong_value_inside_an_object_is_named_with_its_path():
    with pytest.raises(InvalidRecordError, match=r"thumbnail\.width is -3"):
        parse(record(1, thumbnail={"width": -3}))


@pytest.mark.parametrize("raw", [None, 5, "text", []])
def test_what_is_no_object_is_no_record(raw):
    with pytest.raises(InvalidRecordError, match="expected an object"):
        parse(raw)


def test_a_placeholder_that_is_no_inline_picture_is_left_out():
    thumbnail = {"lqip": "https://tracker.example/x.gif", "width": 10, "height": 10}
    assert parse(record(1, thumbnail=thumbnail)).lqip is None


def test_the_hash_changes_with_what_is_stored_and_with_nothing_else():
    before = digest(parse(record(1)))
    assert len(before) == 32
    assert digest(parse(record(1, timestamp="2030-01-01T00:00:00Z", colorfulness=3))) == before
    reordered = dict(reversed(record(1).items()))
    assert digest(parse(reordered)) == before
    for field in ("title", "description", "image_id", "main_reference_number"):
        assert digest(parse(record(1, **{field: "other"}))) != before
    assert digest(parse(record(1, updated_at="2020-01-01"))) != before
    assert digest(parse(record(1)), "CC0") != before


def test_a_record_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse(record(1)).title = "other"


# --- Texts ----------------------------------------------------------------------------------------
def test_html_is_cleaned_and_its_text_kept_beside():
    value = (
        '<p onclick="x()">One &quot;two&quot;\n three&nbsp;<em>four</em>.</p>'
        '<script>alert(1)</script><p>Five<br>six <a href="javascript:x">seven</a></p>'
    )
    cleaned = clean_html(value)
    assert "script" not in cleaned
    assert "onclick" not in cleaned
    assert "javascript" not in cleaned
    assert plain_text(cleaned) == 'One "two" three four.\nFive\nsix seven'


def test_links_stay_and_give_nothing_away():
    cleaned = clean_html('<a href="https://www.artic.edu/artists/1" target="_blank">X</a>')
    assert cleaned == '<a href="https://www.artic.edu/artists/1" rel="noopener nofollow">X</a>'


def test_lists_and_tables_become_lines():
    cleaned = clean_html(
        "<ul><li>a</li><li>b</li></ul><table><tr><td>c</td><td>d</td></tr></table>"
    )
    assert plain_text(cleaned) == "a\nb\nc d"


def test_escaped_markup_of_the_nineties_is_dropped_and_other_escapes_are_not():
    assert plain_text(clean_html("&lt;BIG&gt;竹&lt;/BIG&gt; 3 &lt; 4")) == "竹 3 < 4"


@pytest.mark.parametrize(
    ("alt_text", "expected"),
    [
        ("A work made of oil on canvas.", True),
        ("A work made of gouache, and pencil (no. 5) on paper", True),
        ("a work made of oil on canvas.", True),
        ("The Basket of Apples.", True),  # the title once more
        ("A work made of oil on canvas. A woman reads.", False),
        ("Painting of a basket of apples on a table.", False),
    ],
)
def test_alt_texts_that_say_nothing_are_told_apart(alt_text, expected):
    assert is_boilerplate(alt_text, "The Basket of Apples") is expected


def test_a_text_of_markup_alone_is_no_text():
    assert parse(record(1, description="<p> &nbsp; </p>", thumbnail=None)).texts == ()
