"""The set of saved works, and the page about the collection."""

import csv
import io
import re
from html import unescape

import pytest
from django.core.cache import cache

from search.embeddings import registry
from testing.factories import vector_model, work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def three():
    return [work(title, artist="Ada Field", seed=n) for n, title in enumerate("ABC")]


def address(works) -> str:
    return "works=" + ",".join(str(each.artic_id) for each in works)


def titles(html: str) -> list[str]:
    return re.findall(r"<h2>\s*<a [^>]+>([^<]+)</a>", html)


class TestSaved:
    def test_the_address_is_the_set_in_its_order(self, client, three):
        html = client.get(f"/saved?{address(three[::-1])}").content.decode()
        assert titles(html) == ["C", "B", "A"]

    def test_works_are_moved_and_taken_out_by_links(self, client, three):
        a, b, c = three
        html = unescape(client.get(f"/saved?{address(three)}").content.decode())
        links = re.findall(r'<a href="/saved\?([^"]+)" rel="nofollow">([\w ]+)', html)
        assert (address([b, a, c]), "Move later") in links
        assert (address([a, c, b]), "Move earlier") in links
        assert (address([a, c]), "Remove") in links
        assert len([said for _, said in links if said == "Move earlier"]) == 2

    def test_what_may_not_be_seen_is_counted_as_missing(self, client, three):
        hidden = work("Hidden", is_hidden=True)
        html = client.get(f"/saved?{address([hidden, *three])}").content.decode()
        assert "1 work in this set is not available" in html
        assert titles(html) == ["A", "B", "C"]

    def test_an_empty_set_says_how_to_fill_it(self, client):
        assert "You have not saved any works yet" in client.get("/saved").content.decode()

    @pytest.mark.parametrize("works", ["x", "1,,2", "1;2", "-1", "9" * 30])
    def test_a_wrong_address_is_a_400_that_names_it(self, client, works):
        for path in ("/saved", "/saved.csv", "/saved.json", "/saved/manifest.json"):
            response = client.get(path, {"works": works})
            assert response.status_code == 400
            assert "separated by commas" in response.content.decode()

    def test_it_is_taken_away_as_a_table_as_json_and_as_a_manifest(self, client, three):
        asked = address(three[:2])
        rows = list(csv.DictReader(io.StringIO(client.get(f"/saved.csv?{asked}").content.decode())))
        assert [row["title"] for row in rows] == ["A", "B"]
        assert [row["artist"] for row in client.get(f"/saved.json?{asked}").json()["works"]] == [
            "Ada Field"
        ] * 2
        response = client.get(f"/saved/manifest.json?{asked}")
        assert [each["label"]["none"] for each in response.json()["items"]] == [["A"], ["B"]]
        assert response["Access-Control-Allow-Origin"] == "*"

    def test_it_may_not_be_indexed(self, client, three):
        assert 'content="noindex"' in client.get(f"/saved?{address(three)}").content.decode()


def test_one_work_has_a_manifest_of_its_own(client):
    made = work("Boat", seed=1)
    path = f"{made.get_absolute_url()}/manifest.json"
    assert path in client.get(made.get_absolute_url()).content.decode()
    assert client.get(path).json()["label"] == {"none": ["Boat"]}


def test_the_page_about_the_collection_counts_it_and_names_its_model(client):
    work("Boat", seed=1, is_public_domain=True)
    work("Hidden", is_hidden=True)
    assert "Searches match words only" in client.get("/about").content.decode()
    registry.activate(vector_model("given", licence="MIT"))
    text = re.sub(r"<[^>]+>", " ", client.get("/about").content.decode())
    text = " ".join(text.split())
    assert "Works 1 With a picture 1 Public domain 1 On view 0 Model given" in text
