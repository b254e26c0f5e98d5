"""GET /api/search: the contract, and a problem document for whatever is wrong."""

import json

import pytest
from django.db import OperationalError
from django.urls import reverse

from museum.models import Artwork
from search import tasks
from search.engine import search
from testing.factories import work

PROBLEM = "application/problem+json"
MOST_QUERIES = 14


@pytest.fixture
def museum(tiny):
    work("Red Boat", seed=1, text="A red boat at sunset.", artist="A Workshop", date_display="1901")
    work("Blue Boat", seed=2)
    work("Boat of Words", artist_display="Someone")
    tasks.embed_artworks(list(Artwork.objects.values_list("pk", flat=True)))
    return tiny


@pytest.fixture
def large_museum(museum):
    for n in range(30):
        work(f"Boat {n}")
    return museum


def get(client, query: str):
    return client.get(f"/api/search?{query}")


def problem(response, status: int) -> dict:
    assert response.status_code == status
    assert response["Content-Type"] == PROBLEM
    body = json.loads(response.content)
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


def test_the_contract(client, museum):
    response = get(client, "q=red+boat+at+sunset&limit=5")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert body["query"] == "red boat at sunset"
    assert body["model"] == {"name": museum.name, "fingerprint": museum.fingerprint}
    assert body["count"] == 3
    assert len(body["results"]) == 3
    for result in body["results"]:
        assert {
            "id", "title", "artist", "date", "image", "url", "score", "distance", "channels"
        } <= set(result)  # fmt: skip
        artwork = Artwork.objects.get(artic_id=result["id"])
        assert result["url"] == f"http://testserver/artworks/{artwork.artic_id}"
    boat = next(each for each in body["results"] if each["title"] == "Red Boat")
    assert boat["artist"] == "A Workshop"
    assert boat["date"] == "1901"
    assert boat["image"].startswith("http://testserver/iiif/2/")
    assert set(boat["channels"]) == {"image", "text", "words"}
    assert boat["channels"]["words"]["rank"] == 1
    assert boat["distance"] == pytest.approx(1 - boat["channels"]["image"]["value"], abs=1e-5)


def test_relevance_is_said_and_limits_the_count(client, museum):
    body = get(client, "q=red+boat+at+sunset").json()
    levels = {each["title"]: each["relevance"] for each in body["results"]}
    assert levels == {"Red Boat": "strong", "Blue Boat": "related", "Boat of Words": "weak"}
    strong = get(client, "q=red+boat+at+sunset&min_relevance=strong").json()
    assert strong["count"] == len(strong["results"]) == 1
    assert strong["results"][0]["title"] == "Red Boat"


def test_works_may_be_named_to_be_like_or_not(client, museum):
    ids = {each.title: each.artic_id for each in Artwork.objects.all()}
    given = f"like={ids['Red Boat']}&unlike={ids['Boat of Words']}"
    body = get(client, given).json()
    assert [each["title"] for each in body["results"]] == ["Blue Boat"]
    assert str(ids["Boat of Words"]) in body["warnings"][0]


def test_a_work_without_picture_and_artist_is_said_so(client, museum):
    (result,) = [r for r in get(client, "q=words").json()["results"] if "words" in r["channels"]]
    assert (result["image"], result["date"], result["distance"]) == (None, None, None)
    assert result["artist"] == "Someone"


def test_limit_is_twenty_unless_given_and_pages_join(client, large_museum):
    assert len(get(client, "q=boat").json()["results"]) == 20
    whole = [each["id"] for each in get(client, "q=boat&limit=100").json()["results"]]
    parts = [
        each["id"]
        for offset in range(0, 40, 7)
        for each in get(client, f"q=boat&limit=7&offset={offset}").json()["results"]
    ]
    assert parts == whole
    assert get(client, "q=boat&offset=1000").json()["results"] == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"q"}),
        ("q=", {"q"}),
        ("q=%20", {"q"}),
        ("q=boat%00", {"q"}),
        ("q=" + "x" * 10_000, {"q"}),
        ("q=boat&limit=-1", {"limit"}),
        ("q=boat&limit=0", {"limit"}),
        ("q=boat&limit=101", {"limit"}),
        ("q=boat&limit=NaN", {"limit"}),
        ("q=boat&limit=1e3", {"limit"}),
        ("q=boat&limit=" + "9" * 5000, {"limit"}),
        ("q=boat&offset=-1", {"offset"}),
        ("q=boat&offset=99999999999999999999", {"offset"}),
        ("q=boat&offset=one&limit=none", {"limit", "offset"}),
        ("q=boat&page=2", {"page"}),
        ("q=boat&q=ship", {"q"}),
        ("limit=5&shade=red", {"q", "shade"}),
        ("q=boat&format=xml", {"format"}),
        ("q=boat&fields=title,price", {"fields"}),
        ("q=boat&min_relevance=fair", {"min_relevance"}),
        ("like=one", {"like"}),
        ("like=" + "9" * 30, {"like"}),
        ("unlike=-1", {"unlike"}),
        ("unlike=1", {"q"}),
    ],
)
def test_bad_parameters_are_named_with_the_mend(client, db, query, names):
    body = problem(get(client, query), 400)
    assert set(body["errors"]) == names
    assert all(sentence for sentences in body["errors"].values() for sentence in sentences)
    for name in names:
        assert name in body["detail"]


@pytest.mark.parametrize(
    "typed",
    ["🐈‍⬛🎨", "女 불회도", "%F0%9F%92%A9", "%26amp;",
     "'; DROP TABLE museum_artwork; --", "%ED%A0%80",
     "%25s%20%25(x)s", "{0}", "%C3%28", '"', "-", "-boat", "\\", "a'b\"c", "<script>"],
)  # fmt: skip
def test_odd_texts_are_answered(client, museum, typed):
    response = get(client, f"q={typed}")
    assert response.status_code == 200
    json.loads(response.content)


@pytest.mark.parametrize("path", ["search", "suggest"])
@pytest.mark.parametrize("typed", ["%20", "%19", "%C2%85", "%E2%80%AE"])
def test_a_text_of_which_nothing_can_be_seen_is_none(client, db, path, typed):
    body = problem(client.get(f"/api/{path}?q={typed}"), 400)
    assert set(body["errors"]) == {"q"}


def test_warnings_are_passed_on(client, museum):
    assert "zeppelin" in get(client, "q=red+zeppelin").json()["warnings"][0]


def test_without_a_model_it_is_null(client, db):
    work("Boat")
    body = get(client, "q=boat").json()
    assert body["model"] is None
    assert body["count"] == 1


def test_an_outage_is_a_503_that_says_when_to_come_back(client, db, monkeypatch):
    def refuse(*_):
        raise OperationalError("connection refused at secret-host")

    monkeypatch.setattr(search.registry, "active", refuse)
    response = get(client, "q=boat")
    body = problem(response, 503)
    assert response["Retry-After"]
    assert "secret-host" not in json.dumps(body)


def test_other_methods_are_refused_with_a_problem(client, db):
    response = client.delete(reverse("api-search"))
    problem(response, 405)
    assert response["Allow"] == "GET, HEAD, POST, OPTIONS"
    problem(client.post("/api/models"), 405)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html,*/*;q=0.8", ""])
def test_json_is_the_answer_unless_another_is_asked_for(client, db, accept):
    response = client.get("/api/search?q=boat", headers={"accept": accept})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("accept", ["application/xml", "image/png"])
def test_what_is_not_offered_is_refused(client, db, accept):
    problem(client.get("/api/search?q=boat", headers={"accept": accept}), 406)


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/api/artworks/9", "/api/artworks/x",
                                  "/api/artworks/%00", f"/api/artworks/{'9' * 300}",
                                  "/api/artworks/9/similar"])  # fmt: skip
def test_what_does_not_exist_is_a_problem(client, db, path):
    problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ('"boat"', "application/json", 400),
        ('{"q": {"a": 1}}', "application/json", 400),
        ('{"q": "boat", "limit": NaN}', "application/json", 400),
        ('{"q": "boat", "limit": 1e400}', "application/json", 400),
        ('{"q": "boat\\u0000"}', "application/json", 400),
        ('{"q": ["boat", "ship"]}', "application/json", 400),
        ('{"q": "boat", "limit": -1}', "application/json", 400),
        ('{"q": "boat", "page": 1}', "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        ("q=", "application/x-www-form-urlencoded", 400),
        ("x", "multipart/form-data; boundary=b", 400),
        ("<q>boat</q>", "application/xml", 415),
        ("boat", "text/plain", 415),
        (json.dumps({"q": "x" * 3_000_000}), "application/json", 413),
    ],
)
def test_a_bad_body_is_a_problem(client, db, body, kind, status):
    problem(client.post("/api/search", body, content_type=kind), status)


def test_post_takes_the_same_parameters_as_a_form_or_as_json(client, museum):
    expected = get(client, "q=red+boat&limit=2").json()["results"]
    given = {"q": "red boat", "limit": 2}
    assert client.post("/api/search", given).json()["results"] == expected
    sent = client.post("/api/search", json.dumps(given), content_type="application/json")
    assert sent.json()["results"] == expected
    assert "ETag" not in sent


def test_an_unforeseen_error_is_a_problem_that_tells_nothing(client, db, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(search, "search", fail)
    client.raise_request_exception = False
    body = problem(get(client, "q=boat"), 500)
    assert "secret" not in json.dumps(body)
    assert "secret detail" in caplog.text


def test_options_say_which_methods_there_are(client, db):
    response = client.options("/api/search")
    assert response.status_code == 204
    assert "POST" in response["Allow"]


def test_query_count_does_not_grow_with_the_page(
    client, large_museum, django_assert_max_num_queries
):
    get(client, "q=boat")
    counts = set()
    for limit in (1, 30):
        with django_assert_max_num_queries(MOST_QUERIES) as captured:
            get(client, f"q=boat&limit={limit}")
        counts.add(len(captured))
    assert len(counts) == 1
