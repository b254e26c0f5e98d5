"""One entry in `FACETS` is enough: each facet is read, filters, counts, is shown and documented."""

import re
from html import unescape

import pytest
from django.contrib.postgres.indexes import GinIndex
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation

from museum.models import Artwork
from search.api.docs import description
from search.engine import facets
from search.query.facets import COUNTED, FACETS, OLD_NAMES, Kind, facets_of_kind
from search.query.filters import Filters
from search.query.forms import SearchForm
from search.query.query import Query
from testing.factories import work

SAME_IN_SPANISH = {"Material"}
NAMES = [name for facet in FACETS for name in facet.parameters]


@pytest.mark.parametrize("facet", FACETS, ids=lambda facet: facet.name)
class TestEachFacet:
    def test_its_column_is_one_of_the_works(self, facet):
        columns = {field.attname for field in Artwork._meta.concrete_fields}
        assert facet.column in columns

    def test_its_parameters_are_read_and_documented(self, facet):
        (search,) = [
            each for each in description()["paths"]["/api/search"].values() if "parameters" in each
            and each["operationId"] == "search"
        ]  # fmt: skip
        documented = {each["name"]: each for each in search["parameters"]}
        for name in facet.parameters:
            assert documented[name]["description"].startswith(facet.description)
            assert name in SearchForm.base_fields
            assert hasattr(Filters(), name)

    def test_it_is_labelled_in_spanish(self, facet):
        labels = [facet.label, *([facet.label_if_not] if facet.kind is Kind.FLAG else [])]
        english = [str(label) for label in labels]
        with translation.override("es"):
            for label, before in zip(labels, english, strict=True):
                assert str(label) != before or before in SAME_IN_SPANISH


def test_facets_of_lists_are_indexed():
    indexed = {
        field
        for index in Artwork._meta.indexes
        if isinstance(index, GinIndex)
        for field in index.fields
    }
    assert {facet.column for facet in facets_of_kind(Kind.LIST)} <= indexed


def test_what_is_not_given_is_left_out_of_the_name_of_an_answer():
    assert repr(Filters()) == "Filters({})"
    assert repr(Filters(style=("Modern",), on_view=False)) == (
        "Filters({'style': ('Modern',), 'on_view': False})"
    )


class TestClassification:
    """A facet that was added by an entry and an index, and nothing else."""

    @pytest.fixture(autouse=True)
    def works(self, db):
        work("Boat A", classification_titles=["woodblock print", "print"])
        work("Boat B", classification_titles=["oil painting", "painting"])
        work("Boat C")

    def test_it_filters(self, client):
        body = client.get("/api/search?q=boat&classification=print&classification=painting").json()
        assert sorted(each["title"] for each in body["results"]) == ["Boat A", "Boat B"]
        assert body["count"] == 2
        body = client.get("/api/search?classification=oil+painting").json()
        assert [each["title"] for each in body["results"]] == ["Boat B"]

    def test_it_is_counted(self, client):
        counts = client.get("/api/facets?fields=classification&classification=print").json()
        assert counts["facets"] == {
            "classification": [
                {"value": value, "works": 1, "is_chosen": value == "print"}
                for value in ("oil painting", "painting", "print", "woodblock print")
            ]
        }

    def test_the_page_offers_it_and_takes_it_back(self, client):
        html = unescape(client.get("/search?q=boat").content.decode())
        assert "<h3>Classification</h3>" in html
        assert 'href="/search?q=boat&classification=print"' in html
        html = unescape(client.get("/search?q=boat&classification=print").content.decode())
        _, chip = re.findall(r'<li class="chip">(.*?)</li>', html, re.DOTALL)
        assert "Classification" in chip
        assert 'href="/search?q=boat"' in chip

    def test_the_page_offers_it_in_spanish(self, client):
        html = client.get("/search?q=boat", headers={"accept-language": "es"}).content.decode()
        assert "<h3>Clasificación</h3>" in html

    def test_curators_filter_by_it(self, admin_client):
        address = reverse("admin:museum_artwork_changelist")
        html = unescape(admin_client.get(address).content.decode())
        assert "?classification_titles=woodblock+print" in html
        html = admin_client.get(f"{address}?classification_titles=woodblock+print").content.decode()
        assert "Boat A" in html
        assert "Boat B" not in html


class TestOldNames:
    """`colour` became `palette`, since `color` ranks in the same API."""

    RED = {"palette": [{"hex": "#ff0000", "lab": [53.2, 80.1, 67.2], "weight": 0.6}]}

    @pytest.fixture(autouse=True)
    def works(self, db):
        work("Red Boat", **self.RED)
        work("Boat")

    def test_an_old_name_filters_as_the_new_one_and_says_that_it_is_deprecated(self, client):
        new = client.get("/api/search?q=boat&palette=ff0000")
        old = client.get("/api/search?q=boat&colour=ff0000")
        assert [each["title"] for each in new.json()["results"]] == ["Red Boat"]
        assert old.json()["results"] == new.json()["results"]
        assert old["Deprecation"].startswith("@")
        assert old["Sunset"].endswith("GMT")
        assert 'rel="deprecation"' in old["Link"]
        assert 'rel="first"' in old["Link"]
        assert "Deprecation" not in new
        assert "deprecation" not in new["Link"]

    @pytest.mark.parametrize("data", [{"q": "boat", "colour": "ff0000"}])
    @pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=BoUnDaRy"])
    def test_so_does_a_body(self, client, data, kind):
        sent = {"content_type": kind} if "json" in kind else {}
        response = client.post("/api/search", data, **sent)
        assert [each["title"] for each in response.json()["results"]] == ["Red Boat"]
        assert "Deprecation" in response

    def test_facets_take_it_as_well(self, client):
        response = client.get("/api/facets?colour=ff0000&fields=has_picture")
        assert response.json()["facets"]["has_picture"][0]["works"] == 1
        assert "Deprecation" in response

    def test_a_mistake_is_named_as_it_was_given(self, client):
        response = client.get("/api/search?q=boat&colour=red")
        assert set(response.json()["errors"]) == {"colour"}
        assert "Deprecation" in response
        both = client.get("/api/search?q=boat&colour=ff0000&palette=00ff00").json()
        assert both["errors"]["colour"] == ["This is the old name of palette: give palette alone."]

    def test_it_is_documented_as_deprecated(self):
        parameters = description()["paths"]["/api/search"]["get"]["parameters"]
        assert {each["name"] for each in parameters if each.get("deprecated")} == {"colour"}

    def test_links_of_a_page_asked_for_by_an_old_address_have_the_new_name(self, client):
        html = unescape(client.get("/search?q=boat&colour=%23ff0000").content.decode())
        assert "Red Boat" in html
        links = [link for link in re.findall(r'href="(/search\?[^"]*)"', html) if "q=boat" in link]
        assert any("palette=%23ff0000" in link for link in links)
        assert not any("colour=" in link for link in links)

    def test_old_and_new_names_are_told_apart(self):
        assert OLD_NAMES == {"colour": "palette"}
        assert not set(OLD_NAMES) & set(NAMES)
        read = SearchForm(QueryDict("q=boat&colour=ff0000"))
        assert read.is_valid()
        assert read.query().filters.palette == "#ff0000"


def test_every_counted_facet_is_counted(db):
    work("Boat", artwork_type="Print", is_on_view=True, date_start=1850, date_end=1850)
    counts = facets.facets(Query.parse("boat"))
    assert set(counts) == set(COUNTED)
    assert [each.value for each in counts["century"]] == ["1800"]
