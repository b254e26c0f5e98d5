"""Filters keep what they say, and a mistake is named with its mend."""

import pytest
from django.http import QueryDict

from museum.models import Artwork, ImageStatus
from search.engine import search
from search.query.forms import SearchForm
from testing.factories import work

LAB_RED, LAB_BLUE = [53.2, 80.1, 67.2], [32.3, 79.2, -107.9]


def form(parameters: str) -> SearchForm:
    return SearchForm(QueryDict(parameters))


def found(parameters: str) -> list[str]:
    read = form(parameters)
    assert read.is_valid(), read.errors
    return [hit.artwork.title for hit in search.search(read.query()).hits]


@pytest.fixture
def museum(db):
    work(
        "Boat A", artwork_type="Print", department="Prints", place_of_origin="Paris",
        artist="Ada", style_titles=["Cubism", "Modern"], date_start=1901, date_end=1905,
        is_on_view=True, palette=[{"hex": "#ff0000", "lab": LAB_RED, "weight": 0.6}],
    )  # fmt: skip
    work(
        "Boat B", artwork_type="Painting", department="Prints", place_of_origin="Rome",
        artist="Bea", style_titles=["Modern"], subject_titles=["sea"], material_titles=["oil"],
        medium_display="Oil on canvas", date_start=-30, date_end=-50, is_public_domain=True,
        palette=[{"hex": "#ff0000", "lab": LAB_RED, "weight": 0.01},
                 {"hex": "#0000ff", "lab": LAB_BLUE, "weight": 0.9}],
    )  # fmt: skip
    work(
        "Boat C", artwork_type="Vessel", date_start=1800, image_sha256="x",
        image_status=ImageStatus.STORED,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "titles"),
    [
        ("type=Print", "A"),
        ("type=Print&type=Painting", "AB"),
        ("type=Print&type=Painting&place=Rome", "B"),
        ("department=Prints", "AB"),
        ("artist=Ada&artist=Nobody", "A"),
        ("style=Modern", "AB"),
        ("style=Cubism&style=Fauvism", "A"),
        ("style=Cub", ""),
        ("subject=sea", "B"),
        ("material=oil", "B"),
        ("medium=Oil+on+canvas", "B"),
        ("year_from=1900", "A"),
        ("year_to=1850", "BC"),
        ("year_from=1903&year_to=1903", "A"),
        ("year_from=1800&year_to=1800", "C"),
        ("year_from=-40&year_to=-35", "B"),
        ("year_from=-20&year_to=0", ""),
        ("on_view=true", "A"),
        ("on_view=false", "BC"),
        ("public_domain=yes", "B"),
        ("has_picture=1", "C"),
        ("has_picture=0", "AB"),
        ("colour=%23fa0505", "A"),
        ("colour=0505f5", "B"),
        ("type=", "ABC"),
    ],
)
@pytest.mark.parametrize("words", ["q=boat", "q="])
def test_each_filter_keeps_what_it_names(museum, words, parameters, titles):
    if (words, parameters) == ("q=", "type="):
        assert found("q=") == []
        return
    assert sorted(found(f"{words}&{parameters}")) == [f"Boat {each}" for each in titles]


@pytest.mark.parametrize(
    ("parameters", "field", "mend"),
    [
        ("year_from=1900&year_to=1800", "year_to", "swap"),
        ("year_from=MDCC", "year_from", "whole number"),
        ("year_to=99999", "year_to", "whole number"),
        ("on_view=maybe", "on_view", "true or false"),
        ("colour=red", "colour", "#c0ffee"),
        ("sort=random", "sort", "relevance, date, artist, changed"),
        ("&".join(f"type={n}" for n in range(21)), "type", "at most 20"),
        ("place=" + "x" * 501, "place", "500"),
    ],
)
def test_a_mistake_is_named_with_its_mend(parameters, field, mend):
    read = form(parameters)
    assert not read.is_valid()
    assert mend in read.errors[field][0]


def test_a_plain_dictionary_is_read_too():
    read = SearchForm({"q": "boat", "type": "Print"})
    assert read.is_valid()
    assert read.query().filters.type == ("Print",)


@pytest.mark.parametrize("words", ["q=boat", "q="])
def test_sorting_is_by_what_it_says(museum, words):
    Artwork.objects.filter(title="Boat A").update(source_updated_at="2025-01-01T00:00Z")
    Artwork.objects.filter(title="Boat B").update(source_updated_at="2024-01-01T00:00Z")
    narrow = "type=Print&type=Painting&type=Vessel"
    assert found(f"{words}&{narrow}&sort=date") == ["Boat B", "Boat C", "Boat A"]
    assert found(f"{words}&{narrow}&sort=artist") == ["Boat A", "Boat B", "Boat C"]
    assert found(f"{words}&{narrow}&sort=changed") == ["Boat C", "Boat A", "Boat B"]
    assert found(f"{words}&{narrow}&sort=date&limit=1&offset=1") == ["Boat C"]


def test_hidden_works_are_not_browsed(museum):
    Artwork.objects.filter(title="Boat A").update(is_hidden=True)
    assert found("department=Prints") == ["Boat B"]
