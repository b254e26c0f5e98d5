"""Pages by cursor: none repeats another, whatever comes in between them."""

from itertools import chain

import numpy as np
import pytest

from museum.models import Artwork
from search.embeddings import registry
from search.models import EmbeddingModel
from search.query.cursor import Cursor
from search.query.query import Query
from testing.factories import give_vector, unit, vector_model, work


@pytest.fixture
def boats(db):
    for n in range(40):
        work(f"Boat {n}", text="A boat " * (n % 7 + 1))


def flat(found: list[list[int]]) -> list[int]:
    return list(chain.from_iterable(found))


def pages(client, address: str, between=lambda: None) -> list[list[int]]:
    found = []
    while address:
        response = client.get(address)
        assert response.status_code == 200
        body = response.json()
        found.append([each["id"] for each in body["results"]])
        if body["next"]:
            assert f'<{body["next"]}>; rel="next"' in response["Link"]
        address = body["next"]
        between()
    return found


def test_pages_join_to_the_whole(client, boats):
    whole = [each["id"] for each in client.get("/api/search?q=boat&limit=100").json()["results"]]
    found = pages(client, "/api/search?q=boat&limit=7")
    assert [len(page) for page in found] == [7] * 5 + [5]
    assert flat(found) == whole


def test_nothing_is_repeated_or_lost_while_works_come_in(client, boats):
    before = set(Artwork.objects.values_list("artic_id", flat=True))
    found = flat(pages(client, "/api/search?q=boat&limit=7", lambda: work("Boat")))
    assert len(found) == len(set(found))
    assert before <= set(found)


@pytest.mark.slow
def test_a_thousand_works_are_paged_without_repeats(client, db):
    Artwork.objects.bulk_create(
        Artwork(artic_id=10_000 + 7 * n, title=f"Boat {n}", record_hash="-") for n in range(1_050)
    )
    found = pages(client, "/api/search?q=boat&limit=100&fields=id")
    assert [len(page) for page in found] == [100] * 10
    assert len(set(flat(found))) == 1_000


def test_works_of_a_filter_are_paged_too(client, boats):
    Artwork.objects.update(department="Prints")
    address = "/api/search?department=Prints&sort=changed&limit=9"
    found = flat(pages(client, address, lambda: work("Late", department="Prints")))
    assert len(set(found)) == len(found) == Artwork.objects.count() - 1


def test_a_cursor_belongs_to_its_search_alone(client, boats):
    following = client.get("/api/search?q=boat&limit=7").json()["next"]
    assert client.get(following.replace("q=boat", "q=text")).status_code == 400
    assert client.get(following + "&department=Prints").status_code == 400
    assert client.get(following + "&offset=7").status_code == 400
    assert client.get(following.replace("limit=7", "limit=5")).status_code == 200


def test_the_model_of_the_first_page_answers_the_others(client, db):
    first, second = (vector_model(name, fingerprint=name * 16) for name in ("aa", "bb"))
    vectors = unit(np.random.default_rng(0), 8)
    for n, vector in enumerate(vectors):
        made = work(f"Boat {n}")
        give_vector(made, first, vector)
        give_vector(made, second, -vector)
    one = Artwork.objects.first().artic_id
    registry.activate(first)
    whole = client.get(f"/api/search?like={one}").json()
    begun = client.get(f"/api/search?like={one}&limit=3").json()
    registry.activate(second)
    rest = client.get(begun["next"]).json()
    assert rest["model"]["name"] == "aa"
    assert begun["results"] + rest["results"] == whole["results"][:6]
    EmbeddingModel.objects.filter(name="aa").delete()
    gone = client.get(begun["next"])
    assert gone.status_code == 410
    assert "begin again" in gone.json()["detail"]


def test_a_cursor_survives_an_address():
    made = Cursor("ab" * 8, "cd" * 8, (0, 1, 5, 127, 128, 300_000, 2_000_000_001))
    assert Cursor.read(made.token) == made


def test_a_cursor_a_thousand_works_deep_fits_an_address():
    seen = tuple(range(2, 262_144, 262))[:1_000]
    assert len(Cursor("ab" * 8, "cd" * 8, seen).token) < 3_000


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 21, "_" * 60, "A" * 4000])
def test_what_is_no_cursor_is_refused(client, db, token):
    with pytest.raises(ValueError, match="no cursor"):
        Cursor.read(token)
    if token:
        response = client.get("/api/search", {"q": "boat", "cursor": token})
        assert set(response.json()["errors"]) == {"cursor"}


def test_a_search_and_its_pages_have_one_digest():
    one = Query.parse("boat", limit=5)
    assert one.digest == Query.parse("boat", limit=9, offset=20).digest
    assert one.digest != Query.parse("boats", limit=5).digest
