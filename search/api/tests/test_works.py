"""One work, works like it, suggestions and models, and what an answer may be kept for."""

import csv
import io
import json

import pytest
from django.db import connection

from museum.models import Artwork, Description
from search import tasks
from search.engine import suggestions
from testing.factories import work


@pytest.fixture(autouse=True)
def fresh():
    suggestions.forget()


@pytest.fixture
def museum(tiny):
    for number, (title, artist) in enumerate(
        [("Red Boat", "A Workshop"), ("Blue Boat", "A Workshop"), ("Horse", "Élodie Müller")]
    ):
        text = f"A {title.lower()} at sunset."
        work(title, seed=number, text=text, artist=artist, subject_titles=["boats", "sunset"])
    Description.objects.update(licence="CC BY 4.0")
    tasks.embed_artworks(list(Artwork.objects.values_list("pk", flat=True)))
    return tiny


def about(title: str) -> Artwork:
    return Artwork.objects.get(title=title)


def test_a_work_is_read_with_its_texts_licences_and_pictures(client, museum):
    boat = about("Red Boat")
    body = client.get(f"/api/artworks/{boat.artic_id}").json()
    assert (body["title"], body["artist"]) == ("Red Boat", "A Workshop")
    (text,) = body["descriptions"]
    assert text["text"] == "A red boat at sunset."
    assert text["licence"] == "CC BY 4.0"
    assert body["licences"] == {"model": museum.licence or None, "texts": ["CC BY 4.0"]}
    assert body["model"]["fingerprint"] == museum.fingerprint
    assert body["iiif"]["info"] == f"http://testserver/iiif/2/{boat.image_sha256}/info.json"
    assert body["images"][0].startswith(body["iiif"]["base"])
    assert client.get(body["images"][0]).status_code == 200


def test_texts_that_are_not_approved_and_hidden_works_stay_unseen(client, museum):
    boat = about("Red Boat")
    boat.descriptions.update(is_approved=False)
    body = client.get(f"/api/artworks/{boat.artic_id}").json()
    assert (body["descriptions"], body["licences"]["texts"]) == ([], [])
    Artwork.objects.filter(pk=boat.pk).update(is_hidden=True)
    assert client.get(f"/api/artworks/{boat.artic_id}").status_code == 404
    assert client.get(f"/api/artworks/{boat.artic_id}/similar").status_code == 404


@pytest.mark.parametrize(
    ("by", "titles"),
    [
        ("picture", {"Blue Boat", "Horse"}),
        ("meaning", {"Blue Boat", "Horse"}),
        ("artist", {"Blue Boat"}),
    ],
)
def test_works_like_one_work(client, museum, by, titles):
    body = client.get(f"/api/artworks/{about('Red Boat').artic_id}/similar?by={by}").json()
    assert body["by"] == by
    assert {each["title"] for each in body["results"]} == titles


def test_works_like_one_without_vectors_or_artist_are_none(client, museum):
    lone = work("Lone")
    for by in ("picture", "meaning", "artist"):
        assert client.get(f"/api/artworks/{lone.artic_id}/similar?by={by}").json()["results"] == []


def test_same_artist_is_answered_without_a_model(client, db):
    first, second = (work(title, artist="Somebody") for title in ("One", "Two"))
    body = client.get(f"/api/artworks/{first.artic_id}/similar?by=artist").json()
    assert [each["id"] for each in body["results"]] == [second.artic_id]
    assert body["model"] is None


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("red", ["Red Boat"]),
        ("RED B", ["Red Boat"]),
        ("elo", ["Élodie Müller"]),
        ("mull", ["Élodie Müller"]),
        ("Mül", ["Élodie Müller"]),
        ("sun", ["sunset"]),
        ("work", ["A Workshop"]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("🎨", []),
        ("oat", []),
    ],
)
def test_suggestions_are_by_prefix_without_case_and_accents(client, museum, typed, texts):
    body = client.get("/api/suggest", {"q": typed}).json()
    assert [each["text"] for each in body["suggestions"]] == texts


def test_a_title_of_many_works_is_suggested_once_and_long_ones_are_taken(client, db):
    for _ in range(5):
        work("Untitled")
    work("Untitled " + "ü" * 3000)
    work("Untitled (Hidden)", is_hidden=True)
    found = suggestions.suggest("unti", 10)
    assert [each.text[:9] for each in found] == ["Untitled", "Untitled "]


def test_suggestions_share_the_room(db):
    for number in range(8):
        work(f"Sea {number}", subject_titles=[f"sea {number}"])
    kinds = [each.kind for each in suggestions.suggest("sea", 6)]
    assert kinds == ["subject"] * 3 + ["title"] * 3


def test_titles_are_looked_up_in_the_index(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {suggestions._TITLES}", {"prefix": "sea%", "limit": 10})
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert plan.count("museum_artwork_title_prefix") == 2
    assert "Seq Scan" not in plan


def test_models_are_listed_without_where_their_files_are(client, museum):
    body = client.get("/api/models").json()
    (model,) = body["models"]
    assert (model["name"], model["state"]) == (museum.name, "active")
    assert museum.checkpoint not in json.dumps(body)


@pytest.mark.parametrize(
    "path", ["/api/suggest", "/api/suggest?q=", "/api/suggest?q=a&limit=0", "/api/models?a=1",
             "/api/suggest?q=a&limit=51", "/api/suggest?q=%00", "/api/suggest?q=" + "x" * 501],
)  # fmt: skip
def test_bad_parameters_are_problems(client, db, path):
    assert client.get(path).status_code == 400


def test_only_the_fields_asked_for_are_sent(client, museum):
    (first, *_) = client.get("/api/search?q=boat&fields=title,url").json()["results"]
    assert list(first) == ["id", "title", "url"]
    body = client.get(f"/api/artworks/{first['id']}?fields=styles").json()
    assert set(body) == {"id", "styles", "model", "licences"}


def test_pages_are_linked(client, museum):
    link = client.get("/api/search?q=boat&limit=1&offset=1")["Link"]
    rels = dict(reversed(part.split("; ")) for part in link.split(", "))
    assert rels == {
        'rel="first"': "<http://testserver/api/search?q=boat&limit=1>",
        'rel="prev"': "<http://testserver/api/search?q=boat&limit=1>",
        'rel="next"': "<http://testserver/api/search?q=boat&limit=1&offset=2>",
    }
    assert "next" not in client.get("/api/search?q=boat&limit=1&offset=2")["Link"]


@pytest.mark.parametrize("accept", [False, True])
def test_csv_is_safe_for_spreadsheets(client, museum, accept):
    Artwork.objects.filter(title="Red Boat").update(title='=HYPERLINK("http://evil"), "x"')
    Artwork.objects.filter(title="Blue Boat").update(title="\uff1d1+1")
    if accept:
        response = client.get("/api/search?q=red+boat", headers={"accept": "text/csv"})
    else:
        response = client.get("/api/search?q=red+boat&format=csv")
    assert response["Content-Type"].startswith("text/csv")
    assert response["Ekphrasis-Licences"] == "CC BY 4.0"
    assert museum.fingerprint in response["Ekphrasis-Model"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    titles = {row["title"] for row in rows}
    assert titles == {'\'=HYPERLINK("http://evil"), "x"', "'\uff1d1+1", "Horse"}
    assert rows[0]["channels"].startswith("image:")


def test_json_lines_are_the_results_of_the_whole_answer(client, db):
    for number in range(130):
        work(f"Boat {number}")
    response = client.get("/api/search?q=boat&format=jsonl&fields=title")
    assert response["Content-Type"] == "application/jsonl"
    rows = [json.loads(line) for line in response.content.splitlines()]
    assert len(rows) == 130
    assert set(rows[0]) == {"id", "title"}
    limited = client.get("/api/search?q=boat&format=jsonl&limit=3").content.splitlines()
    assert len(limited) == 3


def test_an_export_of_nothing_has_its_heading(client, db):
    assert client.get("/api/search?q=boat&format=csv").content.startswith(b"id,title,")


def test_an_error_of_an_export_is_a_problem(client, db):
    response = client.get("/api/search?format=csv", headers={"accept": "text/csv"})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert set(json.loads(response.content)["errors"]) == {"q"}


@pytest.mark.parametrize("suffix", ["", "&format=csv"])
def test_an_answer_that_is_still_so_is_not_sent_again(client, museum, suffix):
    path = f"/api/search?q=boat{suffix}"
    first = client.get(path)
    assert first["Cache-Control"] == "public, max-age=60"
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    Artwork.objects.filter(title="Red Boat").update(title="Crimson Boat")
    changed = client.get(path, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_problems_are_not_kept(client, db):
    assert client.get("/api/search")["Cache-Control"] == "no-store"
