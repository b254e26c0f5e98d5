"""Counts are those that a plain loop over the works gives."""

from collections import Counter

import pytest

from museum.models import Artwork, ImageStatus
from search.engine import facets
from search.query.filters import Filters
from search.query.query import Query
from search.retrieval import candidates
from testing.factories import work


@pytest.fixture
def museum(db):
    for n in range(40):
        work(
            f"Work {n}",
            artwork_type=["Print", "Painting", None][n % 3],
            department=f"Department {n % 2}",
            place_of_origin="" if n % 5 == 0 else "Paris",
            style_titles=["Modern", "Cubism"][: n % 3],
            artist=f"Artist {n % 4}",
            date_start=[1850, -20, None, 1901][n % 4],
            date_end=[1849, -10, 1500, 1910][n % 4],
            is_on_view=n % 4 == 0,
            is_hidden=n == 39,
            image_sha256="x" if n < 9 else "",
            image_status=ImageStatus.STORED if n < 9 else ImageStatus.NONE,
        )


def counted(query: Query, name: str) -> dict[str, int]:
    return {each.value: each.works for each in facets.facets(query)[name]}


def asked(**filters) -> Query:
    return Query.parse("work", filters=Filters(**filters))


@pytest.mark.parametrize(
    "filters", [{}, {"type": ("Print",)}, {"department": ("Department 1",), "on_view": False}]
)
def test_counts_are_exact_with_the_own_filter_lifted(museum, filters):
    query = asked(**filters)

    def works(name):
        return candidates.candidates(query.with_filters(query.filters.without(name)))

    expected = {
        "type": Counter(w.artwork_type for w in works("type") if w.artwork_type),
        "department": Counter(w.department for w in works("department")),
        "place": Counter(w.place_of_origin for w in works("place") if w.place_of_origin),
        "style": Counter(s for w in works("style") for s in w.style_titles),
        "artist": Counter(w.artist.name for w in works("artist")),
        "on_view": Counter(str(w.is_on_view).lower() for w in works("on_view")),
        "has_picture": Counter(
            str(w.image_status == "stored").lower() for w in works("has_picture")
        ),
        "century": Counter(
            str(min(y for y in (w.date_start, w.date_end) if y is not None) // 100 * 100)
            for w in works("century")
        ),
    }
    for name, counts in expected.items():
        assert counted(query, name) == counts, name


def test_what_is_chosen_says_so_and_the_most_common_come_first(museum):
    values = facets.facets(asked(type=("Print",)))["type"]
    assert [each.value for each in values if each.is_chosen] == ["Print"]
    assert [each.works for each in values] == sorted((v.works for v in values), reverse=True)


def test_one_statement_counts_and_the_answer_is_kept(museum, django_assert_num_queries):
    with django_assert_num_queries(2):  # the version of the collection, and all counts
        first = facets.facets(asked())
    with django_assert_num_queries(1):
        assert facets.facets(asked()) == first
    with django_assert_num_queries(3):
        facets.facets(asked(type=("Print",)))


def test_a_changed_work_is_counted_anew(museum):
    before = counted(asked(), "department")
    Artwork.objects.filter(title="Work 1").update(department="Elsewhere")
    after = counted(asked(), "department")
    assert after["Elsewhere"] == 1
    assert after["Department 1"] == before["Department 1"] - 1


def test_phrases_and_exclusions_count_too(museum):
    assert counted(Query.parse('"work 3"'), "artist") == {"Artist 3": 1}
    assert sum(counted(Query.parse("work -3"), "department").values()) == 38
