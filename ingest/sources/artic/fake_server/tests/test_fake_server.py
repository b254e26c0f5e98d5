import io
import json

import pytest
import requests
from PIL import Image

from ingest.sources.artic.fake_server import Catalog, CatalogError, FakeServer, Faults
from ingest.tests.museum import SHARED, records, write, write_pictures


@pytest.fixture
def fake_server(tmp_path):
    found = records(30)
    images = write_pictures(tmp_path, found[:5])
    with FakeServer([write(tmp_path, found)], images=images) as served:
        yield served


def get(fake_server, path, **params):
    return requests.get(fake_server.base_url + path, params=params, timeout=5)


def test_a_listing_has_the_true_envelope_and_is_newest_first(fake_server):
    answer = get(fake_server, "/artworks", page=2, limit=10, fields="id,title").json()
    assert [each["id"] for each in answer["data"]] == list(range(20, 10, -1))
    assert answer["data"][0] == {"id": 20, "title": "Work 20"}
    pagination = answer["pagination"]
    assert pagination["total"] == 30
    assert pagination["total_pages"] == 3
    assert (pagination["offset"], pagination["limit"], pagination["current_page"]) == (10, 10, 2)
    assert "page=1&" in pagination["prev_url"]
    assert requests.get(pagination["next_url"], timeout=5).json()["data"][0]["id"] == 10
    assert set(answer["info"]) == {"license_text", "license_links", "version"}
    assert answer["config"]["iiif_url"] == fake_server.iiif_url


def test_the_default_limit_is_12_and_a_page_beyond_the_end_is_empty(fake_server):
    assert len(get(fake_server, "/artworks").json()["data"]) == 12
    assert get(fake_server, "/artworks", page=99).json()["data"] == []


def test_works_of_one_time_come_by_id_descending(tmp_path):
    same = records(3, updated_at="2024-01-01T00:00:00Z")
    with FakeServer([write(tmp_path, same)]) as fake_server:
        assert [each["id"] for each in get(fake_server, "/artworks").json()["data"]] == [3, 2, 1]


@pytest.mark.parametrize(
    ("path", "params", "status", "error"),
    [
        ("/artworks", {"limit": 101}, 403, "Invalid limit"),
        ("/artworks", {"limit": "x"}, 400, "Invalid syntax"),
        ("/artworks", {"ids": ",".join(map(str, range(101)))}, 403, "Invalid number of ids"),
        ("/artworks/search", {"page": 11, "limit": 100}, 403, "Invalid number of results"),
        ("/artworks/999", {}, 404, "Not found"),
        ("/artworks/x", {}, 400, "Invalid syntax"),
        ("/nothing", {}, 404, "Not found"),
    ],
)
def test_errors_are_those_of_the_api(fake_server, path, params, status, error):
    response = get(fake_server, path, **params)
    assert response.status_code == status
    assert response.json()["error"] == error
    assert response.json()["status"] == status
    assert response.json()["detail"]


def test_works_by_id_alone_and_together(fake_server):
    assert get(fake_server, "/artworks/7").json()["data"]["title"] == "Work 7"
    together = get(fake_server, "/artworks", ids="3,999,1", fields="id").json()
    assert together["data"] == [{"id": 3}, {"id": 1}]
    assert "pagination" not in together  # nor does AIC give any


def test_search_finds_words_and_nothing_is_deaccessioned(fake_server):
    answer = get(fake_server, "/artworks/search", q="work 17", fields="title", limit=1).json()
    assert answer["data"][0]["title"] == "Work 17"
    assert answer["data"][0]["_score"] == 2
    assert get(fake_server, "/deaccessions").json()["data"] == []


def test_a_manifest_leads_to_the_picture(fake_server):
    manifest = get(fake_server, "/artworks/1/manifest.json").json()
    canvas = manifest["sequences"][0]["canvases"][0]
    assert (canvas["width"], canvas["height"]) == (3000, 2000)
    address = canvas["images"][0]["resource"]["@id"]
    assert requests.get(address, timeout=5).headers["Content-Type"] == "image/jpeg"


def test_pictures_come_in_the_width_that_is_asked(fake_server):
    address = f"{fake_server.iiif_url}/picture-1"
    narrow = requests.get(f"{address}/full/20,/0/default.jpg", timeout=5)
    assert Image.open(io.BytesIO(narrow.content)).size == (20, 13)
    assert narrow.headers["Access-Control-Allow-Origin"] == "*"
    whole = requests.get(f"{address}/full/843,/0/default.jpg", timeout=5)
    assert Image.open(io.BytesIO(whole.content)).size == (60, 40)
    part = requests.get(f"{address}/10,10,20,20/10,/0/default.jpg", timeout=5)
    assert Image.open(io.BytesIO(part.content)).size == (10, 10)
    information = requests.get(f"{address}/info.json", timeout=5).json()
    assert (information["width"], information["height"]) == (60, 40)


def test_pictures_that_are_not_there_are_404_and_ids_lead_nowhere_else(fake_server, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(b"x")
    for name in ("picture-29", "..%2fsecret", "..", ".hidden"):
        response = requests.get(f"{fake_server.iiif_url}/{name}/full/200,/0/default.jpg", timeout=5)
        assert response.status_code == 404


def test_too_many_requests_are_told_how_long_to_wait(tmp_path):
    with FakeServer([write(tmp_path, records(1))], rate_limit=3) as fake_server:
        answers = [get(fake_server, "/artworks") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_faults_come_at_about_their_rate_and_again_with_the_same_seed(tmp_path):
    path = write(tmp_path, records(1))

    def outcomes():
        found = []
        with FakeServer(
            [path], faults=Faults(error_500=0.2, drop=0.1, html=0.1, seed=4)
        ) as fake_server:
            for _ in range(200):
                try:
                    response = get(fake_server, "/artworks")
                    kind = response.headers["Content-Type"].partition(";")[0]
                    found.append((response.status_code, kind))
                except requests.RequestException:
                    found.append((0, "dropped"))
        return found

    first = outcomes()
    assert outcomes() == first
    assert 20 <= first.count((500, "application/json")) <= 60
    assert 8 <= first.count((200, "text/html")) <= 35
    assert 8 <= first.count((0, "dropped")) <= 35


def test_the_same_pictures_are_forbidden_every_time(tmp_path):
    found = records(40)
    images = write_pictures(tmp_path, found)

    def forbidden(fake_server):
        return {
            each["id"]
            for each in found
            if requests.get(
                f"{fake_server.iiif_url}/{each['image_id']}/full/200,/0/default.jpg", timeout=5
            ).status_code
            == 403
        }

    faults = Faults(forbidden=0.3, seed=1)
    with FakeServer([write(tmp_path, found)], images=images, faults=faults) as fake_server:
        once, again = forbidden(fake_server), forbidden(fake_server)
    assert once == again
    assert 4 <= len(once) <= 20


def test_a_collection_says_itself_that_it_is_generated(tmp_path):
    info = {"generated": True, "license_text": "CC0, generated", "license_links": []}
    (tmp_path / "collection.json").write_text(json.dumps(info))
    with FakeServer([write(tmp_path, records(1))]) as fake_server:
        assert get(fake_server, "/artworks").json()["info"] == {**info, "version": "1.13"}


def test_it_logs_what_was_asked_and_by_whom(fake_server):
    headers = {"AIC-User-Agent": "test (a@b.c)"}
    requests.get(f"{fake_server.base_url}/artworks?page=1", headers=headers, timeout=5)
    entry = fake_server.log[-1]
    assert (entry.path, entry.kind, entry.status) == ("/api/v1/artworks?page=1", "api", 200)
    assert entry.agent == "test (a@b.c)"
    assert entry.started <= entry.ended


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"id": 1}\nnonsense\n', "line 2: no JSON"),
        ("a.jsonl", '{"title": "x"}\n', 'line 1: .* "id"'),
        ("a.json", "[]", "not a JSON object"),
        ("a.json", '{"data": 5}', "no API response"),
    ],
)
def test_a_file_that_cannot_be_served_is_named(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(CatalogError, match=rf"{name}.*{message}"):
        Catalog([tmp_path / name])


@pytest.mark.skipif(not SHARED.is_dir(), reason="no real records in ../shared/artic")
def test_it_serves_the_real_records_as_they_are():
    files = [SHARED / "paintings.jsonl", SHARED / "artworks-listing-full-fields.json"]
    full = json.loads(files[1].read_bytes())["data"]
    with FakeServer(files) as fake_server:
        served = get(fake_server, "/artworks", limit=10).json()["data"]
        assert {each["id"]: each for each in served} == {each["id"]: each for each in full}
        assert len(fake_server.catalog) == 1212
        first = json.loads(files[0].read_bytes().splitlines()[0])
        assert get(fake_server, f"/artworks/{first['id']}").json()["data"] == first


def test_the_command_serves_until_it_is_stopped(tmp_path, manage):
    path = write(tmp_path, records(3))
    process = manage("artic_replica", "--records", str(path), "--port", "0")
    line = process.stdout.readline()
    assert line.startswith("3 works at http://127.0.0.1:")
    assert len(requests.get(line.split()[3] + "/artworks", timeout=5).json()["data"]) == 3
    process.terminate()
    assert process.wait(10) == 0


def test_the_command_names_a_missing_file(manage):
    process = manage("artic_replica", "--records", "nothing.jsonl")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "nothing.jsonl: no such file" in errors
