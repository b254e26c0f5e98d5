"""Facets and collections over the API."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from museum.models import Artwork, Description
from museum.models.artwork import Theme, ThemeWork
from testing.factories import work

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def theme(title: str, *works: Artwork, **fields) -> Theme:
    fields = {"slug": title.lower(), "published_from": NOW - timedelta(days=1), **fields}
    made = Theme.objects.create(title=title, **fields)
    for position, each in enumerate(works):
        ThemeWork.objects.create(theme=made, artwork=each, position=position)
    return made


def get(client, path: str) -> dict:
    response = client.get(path)
    assert response.status_code == 200
    return response.json()


class TestFacets:
    @pytest.fixture(autouse=True)
    def works(self):
        for kind, place in [("Print", "Chicago"), ("Print", "Kyoto"), ("Painting", "Kyoto")]:
            work(f"A {kind}", artwork_type=kind, place_of_origin=place)

    def test_counts_are_exact_and_a_fields_own_filter_is_lifted(self, client):
        body = get(client, "/api/facets?type=Print")
        assert body["model"] is None
        assert body["licences"] == {"model": None, "texts": []}
        assert body["facets"]["type"] == [
            {"value": "Print", "works": 2, "is_chosen": True},
            {"value": "Painting", "works": 1, "is_chosen": False},
        ]
        places = {each["value"]: each["works"] for each in body["facets"]["place"]}
        assert places == {"Chicago": 1, "Kyoto": 1}

    def test_each_count_is_what_the_search_with_it_answers(self, client):
        for name, values in get(client, "/api/facets?q=print")["facets"].items():
            for each in values if name != "century" else ():
                found = client.get("/api/search", {name: each["value"]}).json()
                assert found["count"] == each["works"], (name, each)

    def test_only_the_facets_asked_for_are_counted(self, client):
        assert set(get(client, "/api/facets?fields=place,type")["facets"]) == {"place", "type"}

    def test_an_unchanged_count_is_neither_made_nor_sent_again(self, client):
        first = client.get("/api/facets")
        again = client.get("/api/facets", headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize("query", ["limit=3", "offset=1", "sort=date", "fields=price", "x=1",
                                       "year_from=x", "type=%00&on_view=maybe"])  # fmt: skip
    def test_what_cannot_be_counted_by_is_named(self, client, query):
        response = client.get(f"/api/facets?{query}")
        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        assert set(response.json()["errors"]) <= {part.split("=")[0] for part in query.split("&")}


class TestCollections:
    def test_published_ones_are_listed_latest_first(self, client):
        boats = [work("Red Boat", seed=1), work("Blue Boat"), work("Hidden", is_hidden=True)]
        theme("Boats", *boats, text="Of boats.", licence="CC0")
        theme("Older", published_from=NOW - timedelta(days=9))
        theme("Draft", published_from=None)
        theme("Coming", published_from=NOW + timedelta(days=1))
        theme("Over", published_until=NOW - timedelta(hours=1))
        body = get(client, "/api/collections")
        assert [each["title"] for each in body["results"]] == ["Boats", "Older"]
        first = body["results"][0]
        assert (first["slug"], first["text"], first["count"]) == ("boats", "Of boats.", 2)
        assert first["url"] == "http://testserver/api/collections/boats"
        assert client.get(first["image"]).status_code == 200
        assert body["licences"]["texts"] == ["CC0"]
        assert body["results"][1]["image"] is None
        for slug in ("draft", "coming", "over", "none"):
            assert client.get(f"/api/collections/{slug}").status_code == 404

    def test_the_works_of_one_come_in_the_curators_order(self, client):
        one, two, three = (work(title) for title in ("One", "Two", "Three"))
        Description.objects.create(artwork=one, source="curator", text="One.", licence="CC BY 4.0")
        theme("Numbers", three, one, two, text="Of numbers.", licence="CC0")
        body = get(client, "/api/collections/numbers")
        assert [each["title"] for each in body["results"]] == ["Three", "One", "Two"]
        assert body["collection"]["title"] == "Numbers"
        assert body["licences"]["texts"] == ["CC BY 4.0", "CC0"]
        Artwork.objects.filter(pk=one.pk).update(withdrawn_at=NOW)
        assert get(client, "/api/collections/numbers")["count"] == 2

    def test_a_cover_is_the_curators_unless_it_may_not_be_shown(self, client):
        first, cover = work("First", seed=1), work("Cover", seed=2)
        theme("Boats", first, cover, cover=cover)
        assert cover.image_sha256 in get(client, "/api/collections")["results"][0]["image"]
        Artwork.objects.filter(pk=cover.pk).update(is_hidden=True)
        assert first.image_sha256 in get(client, "/api/collections/boats")["collection"]["image"]

    def test_pages_are_linked_and_join(self, client):
        theme("Boats", *(work(f"Boat {n}") for n in range(5)))
        path, titles = "/api/collections/boats?limit=2&fields=title", []
        while path:
            response = client.get(path)
            titles += [each["title"] for each in response.json()["results"]]
            rels = dict(reversed(part.split("; ")) for part in response["Link"].split(", "))
            path = rels.get('rel="next"', "").strip("<>").removeprefix("http://testserver")
        assert titles == [f"Boat {n}" for n in range(5)]
        assert set(response.json()["results"][0]) == {"id", "title"}
        assert rels['rel="prev"'].endswith("?limit=2&fields=title&offset=2>")

    def test_the_number_of_queries_does_not_grow_with_the_works(
        self, client, django_assert_max_num_queries
    ):
        theme("Boats", *(work(f"Boat {n}", artist=f"Maker {n}") for n in range(9)))
        for limit in (1, 9):
            with django_assert_max_num_queries(7):
                get(client, f"/api/collections/boats?limit={limit}")

    def test_the_number_of_queries_does_not_grow_with_the_collections(
        self, client, django_assert_max_num_queries
    ):
        works = [work(f"Boat {n}", seed=n) for n in range(3)]
        for number in range(6):
            theme(f"Boats-{number}", work("No picture"), *works[number % 3 :])
        for limit in (1, 6):
            with django_assert_max_num_queries(4):
                shown = get(client, f"/api/collections?limit={limit}")["results"]
        for number, each in enumerate(sorted(shown, key=lambda each: each["slug"])):
            assert works[number % 3].image_sha256 in each["image"]

    @pytest.mark.parametrize("path", ["", "/boats"])
    @pytest.mark.parametrize("query", ["limit=0", "limit=x", "offset=-1", "fields=price", "q=a"])
    def test_bad_parameters_are_problems(self, client, path, query):
        theme("Boats")
        response = client.get(f"/api/collections{path}?{query}")
        assert response.status_code == 400
        assert set(response.json()["errors"]) == {query.split("=")[0]}

    def test_sparse_fields_always_have_the_slug(self, client):
        theme("Boats")
        (only,) = get(client, "/api/collections?fields=title")["results"]
        assert only == {"slug": "boats", "title": "Boats"}

    def test_one_that_would_end_before_it_begins_is_refused(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            theme("Never", published_until=NOW - timedelta(days=2))

    def test_a_curator_makes_one_in_the_admin(self, client, admin_user):
        client.force_login(admin_user)
        boat = work("Boat")
        form = {
            "title": "Boats", "slug": "boats", "text": "Of boats.", "licence": "", "cover": "",
            "published_from_0": "2020-01-01", "published_from_1": "00:00",
            "published_until_0": "", "published_until_1": "",
            "places-TOTAL_FORMS": 0, "places-INITIAL_FORMS": 0, "add_works": str(boat.artic_id),
        }  # fmt: skip
        assert client.post("/admin/museum/theme/add/", form).status_code == 302
        assert get(client, "/api/collections/boats")["results"][0]["id"] == boat.artic_id
