"""The museum of docs/extending.md, as it stands there, through the whole pipeline."""

import io
import json
import re
import threading
import types
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from ingest.loading.tests.test_upsert import versions
from ingest.models import IngestFailure, IngestRun
from ingest.sources import registry
from ingest.tests.museum import jpeg
from museum.images import storage
from museum.models import Artwork

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENT = Path(settings.BASE_DIR) / "docs" / "extending.md"
FIRST_ID = 2_000_000_000_000


def listing() -> str:
    """The Python code of the section "A museum"."""
    section = DOCUMENT.read_text().partition("## A museum\n")[2].partition("\n## ")[0]
    return re.search(r"```python\n(.*?)```", section, re.DOTALL)[1]


@pytest.fixture
def source(monkeypatch):
    """The source of the listing, in the registry."""
    module = types.ModuleType("met")
    exec(compile(listing(), str(DOCUMENT), "exec"), module.__dict__)  # noqa: S102 - our own
    monkeypatch.setitem(registry.SOURCES, "met", module.MetSource)
    return module.MetSource


@pytest.fixture
def met():
    """A server with 45 works; `works` can be changed while it serves, and `requests` is its log."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            server.requests.append(self.path)
            status, content_type, body = server.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    def answer(path):
        if path == "/objects":
            return as_json({"total": len(server.works), "objectIDs": list(server.works)})
        number = int(path.rsplit("/", 1)[1].removesuffix(".jpg"))
        if path.startswith("/pictures/"):
            return 200, "image/jpeg", jpeg(number)
        if number not in server.works:
            return 404, *as_json({"message": "ObjectID not found"})[1:]
        return as_json(server.works[number])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    server.works = {number: work(server.url, number) for number in range(1, 46)}
    server.requests, server.answer = [], answer
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def as_json(value):
    return 200, "application/json", json.dumps(value).encode()


def work(url, number, **changes):
    return {
        "objectID": number,
        "title": f"Work {number}",
        "accessionNumber": f"50.{number}",
        "artistDisplayName": "Rembrandt",
        "objectDate": "ca. 1630",
        "objectBeginDate": 1625,
        "objectEndDate": 1635,
        "medium": "Oil on canvas",
        "isPublicDomain": number != 4,
        "primaryImageSmall": f"{url}/pictures/{number}.jpg",
        "tags": [{"term": "Portraits"}] if number % 2 else None,
        "metadataDate": "2024-04-24T04:54:33.49Z",
        "GalleryNumber": "",
        **changes,
    }


def ingest(met, *arguments, code=0):
    out, err = io.StringIO(), io.StringIO()
    command = ["ingest", "met", met.url, "--no-embed", "--json", *arguments]
    try:
        call_command(*command, stdout=out, stderr=err)
        ended = 0
    except SystemExit as error:
        ended = error.code
    assert ended == code, err.getvalue()
    return json.loads(out.getvalue().splitlines()[-1]) | {"errors": err.getvalue()}


def test_its_works_come_in_with_pictures_and_again_nothing_is_written(source, met):
    found = ingest(met)
    assert (found["seen"], found["created"], found["images"]) == (45, 45, 44)
    one = Artwork.objects.get(artic_id=FIRST_ID + 1)
    assert (one.source, one.title, one.artist_display) == ("met", "Work 1", "Rembrandt")
    assert (one.date_start, one.subject_titles) == (1625, ["Portraits"])
    assert one.image_url == f"{met.url}/pictures/1.jpg"
    assert storage.read(one.image_sha256) == jpeg(1)
    assert Artwork.objects.get(artic_id=FIRST_ID + 4).image_status == "restricted"
    before = versions()
    again = ingest(met)
    assert (again["unchanged"], again["images"], again["failed"]) == (45, 0, 0)
    assert versions() == before


def test_a_record_with_a_wrong_value_is_named_and_the_others_come_in(source, met):
    met.works[7] = work(met.url, 7, objectBeginDate="early")
    met.works[9] = {"message": "no record"}
    found = ingest(met, code=1)
    assert (found["created"], found["failed"]) == (43, 2)
    reasons = dict(IngestFailure.objects.values_list("artic_id", "reason"))
    assert reasons == {FIRST_ID + 7: "bad-objectbegindate", FIRST_ID + 9: "bad-objectid"}
    failure = IngestFailure.objects.get(artic_id=FIRST_ID + 7)
    assert failure.url == f"{met.url}/objects/7"
    met.works |= {number: work(met.url, number) for number in (7, 9)}
    assert ingest(met)["created"] == 2
    assert not IngestFailure.objects.filter(resolved_at=None).exists()


def test_a_run_that_breaks_off_resumes_after_its_last_page(source, met):
    answer = met.answer
    met.answer = lambda path: (503, "text/plain", b"") if path == "/objects/30" else answer(path)
    assert ingest(met, code=1)["created"] == 20
    met.answer = lambda path: (503, "text/plain", b"")
    assert ingest(met, code=2)["seen"] == 0
    met.answer = answer
    met.requests.clear()
    assert ingest(met)["created"] == 25
    assert "/objects/20" not in met.requests
    # The works of the run that broke off have their pictures now as well.
    assert Artwork.objects.filter(image_status="stored").count() == 44
    met.requests.clear()
    assert ingest(met)["unchanged"] == 45  # the last run came to the end, so this one starts anew
    assert "/objects/1" in met.requests


def test_a_sweep_withdraws_what_is_gone_and_not_what_is_broken(source, met, settings):
    settings.SWEEP_LIMIT = 5.0
    ingest(met)
    del met.works[12]
    met.works[13] = work(met.url, 13, title=["a", "list"])
    assert ingest(met, "--sweep", code=1)["withdrawn"] == 1
    gone = Artwork.objects.get(withdrawn_at__isnull=False)
    assert gone.artic_id == FIRST_ID + 12


def test_a_picture_host_that_refuses_is_left_alone(source, met):
    answer = met.answer
    met.answer = lambda path: (
        (403, "text/html", b"<html>") if path.startswith("/pictures") else answer(path)
    )
    found = ingest(met, code=1)
    assert (found["created"], found["images"]) == (45, 0)
    assert sum(path.startswith("/pictures") for path in met.requests) == 5
    assert IngestFailure.objects.filter(reason="gave-up").count() == 1


def test_an_answer_of_another_shape_is_exit_2(source, met):
    met.answer = lambda path: as_json({"objectIDs": "all of them"})
    assert "objectIDs is" in ingest(met, code=2)["errors"]
    assert IngestRun.objects.get().state == "failed"


def test_a_source_that_nobody_has_registered_is_refused():
    with pytest.raises(CommandError, match="invalid choice: 'louvre'"):
        call_command("ingest", "louvre")
