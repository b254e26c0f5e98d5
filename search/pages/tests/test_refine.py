"""What "Refine your search" and "Search by detail" make of a search, without scripts."""

import re
from html import unescape

import numpy as np
import pytest
from django.core.cache import cache

from search.explanations.highlights import Passage
from search.pages.cards import passage_html
from testing.factories import give_vector, vector_model, work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def goes_to(client, asked: str) -> str:
    response = client.get(f"/search/refine?{asked}")
    assert response.status_code == 302
    return response["Location"]


def page(client, path, status=200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return unescape(response.content.decode())


class TestRefine:
    def test_a_colour_is_wished_for_only_where_it_is_ticked(self, client):
        assert goes_to(client, "q=boat&wish=true&color=%23aa0000").endswith("color=%23aa0000")
        assert goes_to(client, "q=boat&color=%23aa0000") == "/search?q=boat"

    def test_weights_are_kept_but_for_those_that_change_nothing(self, client):
        asked = "q=boat&like=3&w_text=2&w_like=1"
        assert goes_to(client, asked) == "/search?q=boat&like=3&w_text=2"

    def test_a_detail_is_given_in_percent(self, client):
        asked = "like=3&box_x=25&box_y=10&box_width=50&box_height=12.5"
        assert goes_to(client, asked) == "/search?like=3&box=0.25%2C0.1%2C0.5%2C0.125"

    @pytest.mark.parametrize("side", ["x", "90"])
    def test_a_detail_outside_the_picture_is_named_as_a_mistake(self, client, side):
        address = goes_to(client, f"like=3&box_x={side}&box_y=0&box_width=50&box_height=50")
        assert "<code>box</code>" in page(client, address, status=400)


class TestForm:
    def test_one_wish_alone_has_nothing_to_be_weighed_against(self, client):
        work("Boat")
        html = page(client, "/search?q=boat")
        assert 'name="w_text"' not in html
        assert 'name="wish"' in html

    def test_wishes_can_be_weighed_and_say_what_they_count_for(self, client):
        work("Boat", palette=[{"hex": "#aa0000", "lab": [35.0, 58.0, 48.0], "weight": 1.0}])
        html = page(client, "/search?q=boat&color=%23aa0000&w_text=2&w_color=0.3")
        assert re.search(r'name="w_text".*?value="2" selected', html, re.DOTALL)
        assert re.search(r'name="w_color".*?value="0.3" selected', html, re.DOTALL)
        assert "Importance of your words: high" in html
        assert re.search(r'name="wish" type="checkbox" value="true" checked', html)


class TestWhy:
    def test_the_passage_that_fits_is_quoted_with_its_words_marked(self, client):
        work("Harbour", text="A red boat lies at anchor.")
        assert "boat lies at <mark>anchor</mark>" in page(client, "/search?q=anchor")

    def test_what_a_passage_says_is_no_markup(self):
        passage = Passage("<b> & boats </b>", "description", "en", None, [(6, 11)])
        assert passage_html(passage) == "&lt;b&gt; &amp; <mark>boats</mark> &lt;/b&gt;"

    def test_what_only_a_title_says_needs_no_passage(self, client):
        work("Harbour")
        assert "passage" not in page(client, "/search?q=harbour")


def test_the_page_of_a_work_shows_what_is_described_alike(client):
    model = vector_model(state="active", fingerprint="f" * 32, dimension=2)
    one, near = work("One", text="A boat."), work("Near", text="A ship.")
    for made in (one, near):
        give_vector(made, model, np.array([1.0, 0.0]), made.descriptions.first())
    html = page(client, one.get_absolute_url())
    assert "Works with similar descriptions" in html
    assert near.get_absolute_url() in html


def test_without_a_picture_there_is_no_detail_to_search(client):
    assert 'class="detail-form"' not in page(client, work("Lost").get_absolute_url())
    seen = work("PictureToken", seed=1)
    assert 'class="detail-form"' in page(client, seen.get_absolute_url())
