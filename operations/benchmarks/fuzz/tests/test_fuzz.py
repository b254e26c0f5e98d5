"""The corpus is the same each time, and its sender tells good from bad."""

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from operations.benchmarks.fuzz import hostile_requests, run


class Flawed(BaseHTTPRequestHandler):
    """Answers POSTs with 400, most others with 200, and errs at one address."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/themes"):
            self.close_connection = True
            return
        self.send_response({"POST": 400}.get(self.command, 500 if "iiif" in self.path else 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_HEAD = do_OPTIONS = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    found = ThreadingHTTPServer(("127.0.0.1", 0), Flawed)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found.server_port
    found.shutdown()
    found.server_close()


def test_the_corpus_is_the_same_each_time_and_of_every_kind():
    corpus = list(hostile_requests.requests(700))
    assert corpus == list(hostile_requests.requests(700))
    kinds = Counter(each.kind for each in corpus)
    assert set(kinds) == {"query", "upload", "place", "path", "body", "token"}
    assert len({(each.method, each.path, each.body) for each in corpus}) > 600


def test_errors_and_answers_that_never_come_are_counted(server):
    corpus = list(hostile_requests.requests(350))
    found = run.send(server, corpus)
    bad = [e for e in corpus if e.path.startswith("/themes")]
    bad += [e for e in corpus if e.method != "POST" and "iiif" in e.path and e not in bad]
    assert found.inputs == 350
    assert len(found.errors) == len(bad) > 0
    assert sum(found.statuses.values()) == 350
