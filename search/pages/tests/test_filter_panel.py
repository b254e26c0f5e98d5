"""What stands around the results: chips, filters, and the searches that they lead to."""

import re
from html import unescape

import pytest
from django.core.cache import cache

from testing.factories import work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def page(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def chips(html: str) -> dict[str, str]:
    """Label of each chip (with its kind), and the address of the search without it."""
    found = {}
    for chip in re.findall(r'<li class="chip">(.*?)</li>', html, re.DOTALL):
        link = unescape(re.search(r'<a href="([^"]+)"', chip)[1])
        label = re.sub(r"<[^>]+>", "", chip.partition("<a ")[0])
        found[" ".join(unescape(label).split())] = link
    return found


def choices(html: str) -> dict[str, tuple[str, str, bool]]:
    """Label of each link beside the results: its address, its count, whether it is chosen."""
    found = re.findall(
        r'<a href="([^"]+)" rel="nofollow"( aria-current="true")?>(?:<svg.*?</svg>)?'
        r'<span>([^<]+)</span>(?: <span class="facet-count">(\d+))?',
        html,
    )
    return {unescape(label): (unescape(a), n, bool(c)) for a, c, label, n in found}


class TestChips:
    def test_plain_words_need_none(self, client):
        assert chips(page(client, "/search?q=red+boat")) == {}

    def test_each_part_of_a_search_can_be_taken_out(self, client):
        one, other = work("One"), work("Other")
        asked = f"q=boat+-people&like={one.artic_id}&unlike={other.artic_id}&type=Painting"
        asked += "&type=Print&year_from=1800&on_view=true&colour=%23c0ffee&offset=0"
        found = chips(page(client, f"/search?{asked}"))
        kinds = ["boat", "without people", "more like One", "less like Other", "Type Painting"]
        assert list(found)[:5] == kinds
        assert list(found)[5:] == ["Type Print", "Years from 1800", "On view", "Colour custom"]
        assert found["without people"].startswith("/search?q=boat&")
        assert "q=-people" in found["boat"]
        assert "unlike=" in found["more like One"]
        assert "&like=" not in found["more like One"]
        assert "type=Print" in found["Type Painting"]
        assert "Painting" not in found["Type Painting"]
        assert "year_from" not in found["Years from 1800"]

    def test_a_quoted_phrase_to_leave_out_is_one(self, client):
        found = chips(page(client, '/search?q=boat+-"grey+sea"'))
        assert found["without grey sea"] == "/search?q=boat"


class TestPanel:
    def test_a_value_is_a_link_with_its_count(self, client):
        work("Boat", artwork_type="Painting", department="Prints")
        work("Ship", artwork_type="Painting")
        link, count, chosen = choices(page(client, "/search?q=boat"))["Painting"]
        assert (link, count, chosen) == ("/search?q=boat&type=Painting", "2", False)

    def test_a_chosen_value_is_marked_and_leads_back(self, client):
        work("Boat", artwork_type="Painting")
        work("Ship", artwork_type="Print")
        found = choices(page(client, "/search?q=boat&type=Painting&offset=30&limit=30"))
        assert found["Painting"] == ("/search?q=boat&limit=30", "1", True)
        assert found["Print"][0] == "/search?q=boat&limit=30&type=Painting&type=Print"

    def test_centuries_are_bars_that_choose_their_years(self, client):
        work("Boat", date_start=1810, date_end=1812)
        work("Boat", date_start=1850, date_end=1850)
        work("Boat", date_start=1650, date_end=1650)
        html = unescape(page(client, "/search?q=boat"))
        bars = re.findall(r'<a href="([^"]+)" rel="nofollow" aria-label="([^"]+)"', html)
        assert bars == [
            ("/search?q=boat&year_from=1600&year_to=1699", "1600–1699: 1"),  # noqa: RUF001
            ("/search?q=boat&year_from=1800&year_to=1899", "1800–1899: 2"),  # noqa: RUF001
        ]
        assert 'y="0.0" width="10" height="40.0"' in html

    def test_a_chosen_century_leads_back_to_all(self, client):
        work("Boat", date_start=-350, date_end=-340)
        work("Boat", date_start=1850, date_end=1850)
        html = unescape(page(client, "/search?q=boat&year_from=-400&year_to=-301"))
        assert '<a href="/search?q=boat" rel="nofollow" aria-label="400–301 BC: 1"' in html  # noqa: RUF001
        assert 'value="-400"' in html

    def test_the_order_can_be_changed(self, client):
        work("Boat")
        found = choices(page(client, "/search?q=boat&sort=date"))
        assert found["best matches first"][0] == "/search?q=boat"
        assert found["oldest first"][2]

    def test_an_empty_search_has_no_filters(self, client):
        assert 'id="filters"' not in page(client, "/search")


class TestRefine:
    @pytest.mark.parametrize(
        ("asked", "query"),
        [
            ("q=boat&add=red", "q=boat+red"),
            ("q=boat&leave_out=people", "q=boat+-people"),
            ("q=boat&leave_out=people,+grey+sea", "q=boat+-people+-%22grey+sea%22"),
            ("q=boat&leave_out=-people,,&type=Print&offset=30", "q=boat+-people&type=Print"),
            ("leave_out=%22&add=x", "q=x"),
        ],
    )
    def test_words_are_added_and_left_out(self, client, asked, query):
        response = client.get(f"/search/refine?{asked}")
        assert (response.status_code, response.url) == (302, f"/search?{query}")


class TestAccessionNumbers:
    def test_a_number_leads_to_its_work(self, client):
        made = work("Boat", accession_number="1933.1157")
        assert client.get("/search?q=1933.1157").url == made.get_absolute_url()

    def test_a_number_of_two_works_is_a_search(self, client):
        work("Boat", accession_number="7")
        work("Ship", accession_number="7")
        assert "2 works" in page(client, "/search?q=7")

    def test_more_than_a_number_is_a_search(self, client):
        work("Boat", accession_number="1933.1157")
        assert client.get("/search?q=1933.1157&type=Print").status_code == 200


def test_a_work_found_leads_to_works_like_and_unlike_it(client):
    made = work("Boat")
    html = unescape(page(client, "/search?q=boat&limit=5&offset=0"))
    assert f'href="/search?q=boat&limit=5&like={made.artic_id}"' in html
    assert f'href="/search?q=boat&limit=5&unlike={made.artic_id}"' in html
