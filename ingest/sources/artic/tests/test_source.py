"""The API against a real server on a local socket."""

import itertools
import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.http import pacing
from ingest.http.errors import (
    BadResponseError,
    ContactMissingError,
    HttpError,
    RateLimitedError,
    SourceUnreachableError,
)
from ingest.http.session import MAX_WAIT_SECONDS, picture_body, retry_after
from ingest.sources.artic.fake_server import FakeServer, Faults
from ingest.sources.artic.parse import FIELDS, parse
from ingest.sources.artic.source import ArticSource, check_contact
from ingest.tests.museum import records, write

ENVELOPE = {
    "pagination": {"total": 1, "total_pages": 1},
    "data": [{"id": 1}],
    "info": {"license_text": "free"},
    "config": {"iiif_url": "http://127.0.0.1:9/iiif/2"},
}


@pytest.fixture
def scripted():
    """A server that gives the answers of a list, one after another, the last one for ever.

    An answer is (status, headers, body); a body of None hangs up.
    """
    answers: list = []
    asked: list = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            asked.append((time.monotonic(), self.path, self.headers))
            status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
            if body is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if int(headers.get("Content-Length", len(body))) > len(body):
                self.close_connection = True

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    server.answers, server.asked = answers, asked
    server.source = ArticSource(f"http://127.0.0.1:{server.server_address[1]}")
    yield server
    server.shutdown()
    server.server_close()


def good(**changes):
    body = json.dumps({**ENVELOPE, **changes}).encode()
    return 200, {"Content-Type": "application/json"}, body


def html(status=200):
    return status, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html>Just a moment</html>"


def test_it_walks_every_page_once_with_exactly_our_fields(tmp_path):
    with FakeServer([write(tmp_path, records(250))]) as fake_server:
        pages = list(ArticSource(fake_server.base_url).pages())
    assert [len(page.items) for page in pages] == [100, 100, 50]
    assert pages[0].total == 250
    assert len({each.artic_id for page in pages for each in page.items}) == 250
    assert len(fake_server.log) == 3
    for entry in fake_server.log:
        assert parse_qs(urlsplit(entry.path).query)["fields"] == [",".join(FIELDS)]


def test_it_never_asks_for_more_than_a_hundred():
    with pytest.raises(ValueError, match="AIC allows 1 to 100"):
        ArticSource("http://127.0.0.1:9").page(1, 101)


def test_it_says_who_it_is(scripted, settings):
    settings.AIC_CONTACT = "me@museum.example"
    scripted.answers.append(good())
    scripted.source.page(1, 1)
    agent = scripted.asked[0][2]["AIC-User-Agent"]
    assert agent.startswith("ekphrasis/")
    assert agent.endswith("(me@museum.example)")
    assert scripted.asked[0][2]["User-Agent"] == agent


@pytest.mark.parametrize(
    "trouble",
    [
        html(),
        html(500),
        (503, {"Content-Type": "application/json"}, b"{}"),
        (200, {"Content-Type": "application/json"}, b'{"data": [tru'),
        (200, {"Content-Type": "application/json", "Content-Length": "500"}, b'{"data": ['),
        (0, {}, None),
    ],
    ids=["html", "500", "503", "broken json", "truncated", "dropped"],
)
def test_passing_trouble_is_tried_again(scripted, trouble):
    scripted.answers += [trouble, trouble, good()]
    assert scripted.source.page(1, 1).items == [parse({"id": 1})]
    assert len(scripted.asked) == 3


def test_tries_are_few_and_ever_further_apart(scripted):
    scripted.answers.append((500, {"Content-Type": "application/json"}, b'{"detail": "No luck"}'))
    with pytest.raises(HttpError, match=r"answered 500 .*: No luck") as caught:
        scripted.source.page(1, 1)
    assert caught.value.code == "http-500"
    times = [at for at, _, _ in scripted.asked]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert len(times) == 5
    assert all(gap >= 0.05 * 2**n for n, gap in enumerate(gaps))


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_plain_refusal_is_not_tried_again(scripted, status):
    scripted.answers.append((status, {}, b""))
    with pytest.raises(HttpError) as caught:
        scripted.source.page(1, 1)
    assert caught.value.status == status
    assert len(scripted.asked) == 1


def test_it_waits_as_long_as_it_is_told(scripted):
    scripted.answers += [(429, {"Retry-After": "1"}, b""), good()]
    scripted.source.page(1, 1)
    assert scripted.asked[1][0] - scripted.asked[0][0] >= 1


def test_it_does_not_sit_out_an_hour(scripted):
    scripted.answers.append((429, {"Retry-After": "3600"}, b""))
    with pytest.raises(RateLimitedError, match="wait 3600 s"):
        scripted.source.page(1, 1)
    assert len(scripted.asked) == 1
    assert MAX_WAIT_SECONDS < 3600


def test_retry_after_may_be_a_number_or_a_date():
    soon = datetime.now(UTC) + timedelta(seconds=30)
    assert retry_after("7") == 7
    assert 28 < retry_after(format_datetime(soon)) <= 30
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("soon") is None
    assert retry_after(None) is None


def test_a_page_of_html_is_called_that(scripted):
    scripted.answers.append(html())
    with pytest.raises(BadResponseError, match="page of HTML instead of JSON") as caught:
        scripted.source.page(1, 1)
    assert caught.value.code == "html"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"data": None}, '"data" is no list'),
        ({"pagination": []}, '"pagination" has no'),
        ({"config": {"iiif_url": "file:///etc"}}, '"config" has no'),
    ],
)
def test_another_envelope_is_not_taken(scripted, changes, why):
    scripted.answers.append(good(**changes))
    with pytest.raises(BadResponseError, match=why):
        scripted.source.page(1, 1)
    assert len(scripted.asked) == 1


def test_ids_come_without_pagination(scripted):
    body = json.dumps({key: value for key, value in ENVELOPE.items() if key != "pagination"})
    scripted.answers.append((200, {"Content-Type": "application/json"}, body.encode()))
    assert scripted.source.existing([1, 2]) == {1}
    assert scripted.source.records_of([1, 2]).items == [parse({"id": 1})]
    with pytest.raises(BadResponseError, match='"pagination" has no'):
        scripted.source.page(1, 1)


def test_nobody_there_is_said_in_words(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(SourceUnreachableError, match=r"cannot be reached \(Connection refused\)"):
        ArticSource(f"http://127.0.0.1:{port}").page(1, 1)


def test_a_server_that_never_answers_is_given_up(settings):
    settings.AIC_TIMEOUT = 0.1
    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = ArticSource(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(SourceUnreachableError, match="no whole answer in time"):
            source.page(1, 1)


def test_a_picture_that_is_html_is_not_asked_for_again(scripted):
    scripted.answers.append(html())
    url = f"{scripted.source.address}/x/full/400,/0/default.jpg"
    session = ArticSource.politeness().picture_session(url)
    with pytest.raises(BadResponseError, match="instead of a picture"):
        session.get(url, picture_body)
    assert [path for _, path, _ in scripted.asked] == ["/x/full/400,/0/default.jpg"]


def test_it_gets_through_a_server_full_of_faults(tmp_path):
    path = write(tmp_path, records(300))
    faults = Faults(error_500=0.1, drop=0.1, html=0.1, seed=26)
    with FakeServer([path], faults=faults) as fake_server:
        source = ArticSource(fake_server.base_url)
        pages = [source.page(number, 20) for number in range(1, 16)]
    assert len({each.artic_id for page in pages for each in page.items}) == 300
    assert len(fake_server.log) > 15


# --- Manners --------------------------------------------------------------------------------------
@pytest.mark.parametrize("host", ["api.artic.edu", "www.artic.edu", "artic.edu"])
def test_the_real_hosts_are_not_asked_without_a_contact(settings, host):
    settings.AIC_CONTACT = ""
    with pytest.raises(ContactMissingError, match="set AIC_CONTACT"):
        check_contact(f"https://{host}/api/v1")
    settings.AIC_CONTACT = "me@museum.example"
    check_contact(f"https://{host}/api/v1")


def test_other_hosts_need_no_contact(settings):
    settings.AIC_CONTACT = ""
    check_contact("http://127.0.0.1:8010/api/v1")
    check_contact("https://notartic.edu/api/v1")


def test_a_server_on_this_machine_is_not_waited_for_unless_told(settings, monkeypatch):
    here, there = "http://127.0.0.1:1/api/v1", "https://api.artic.edu/api/v1"
    monkeypatch.delenv("AIC_API_INTERVAL", raising=False)
    assert pacing.from_setting("AIC_API_INTERVAL").seconds_for(there) == 1
    assert pacing.from_setting("AIC_API_INTERVAL").seconds_for(here) == 0
    monkeypatch.setenv("AIC_API_INTERVAL", "1")
    assert pacing.from_setting("AIC_API_INTERVAL").seconds_for(here) == 1
    monkeypatch.delenv("AIC_API_INTERVAL")
    settings.AIC_API_INTERVAL = 0.2
    assert pacing.from_setting("AIC_API_INTERVAL").seconds_for(here) == 0.2


def test_requests_keep_their_distance(tmp_path, settings):
    settings.AIC_API_INTERVAL = 0.2
    with FakeServer([write(tmp_path, records(5))]) as fake_server:
        began = time.monotonic()
        source = ArticSource(fake_server.base_url)
        for number in range(1, 6):
            source.page(number, 1)
        # A second source of the same process shares the pace.
        ArticSource(fake_server.base_url).page(1, 1)
    starts = [entry.started - began for entry in fake_server.log]
    assert len(starts) == 6
    # Of two requests the first may be late on its way: only the way from the beginning is sure.
    assert all(start >= number * 0.2 for number, start in enumerate(starts))
