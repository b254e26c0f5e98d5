"""Visitors tell what was served from what was refused, and keep to their rate."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings

from operations.benchmarks.load import run


class Busy(BaseHTTPRequestHandler):
    """Serves some, refuses some as it should, and some not."""

    protocol_version = "HTTP/1.1"
    answers = {
        "/good": (200, False),
        "/shed": (503, True),
        "/slow": (429, True),
        "/bad": (503, False),
    }

    def do_GET(self):
        status, says_when = self.answers[self.path]
        self.send_response(status)
        if says_when:
            self.send_header("Retry-After", "5")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def asked(**job):
    done = subprocess.run(
        [sys.executable, "-m", "operations.benchmarks.load.visitors"],
        cwd=settings.BASE_DIR,
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=True,
    )
    return run.Answers(**json.loads(done.stdout))


def test_so_many_requests_are_sent_and_no_more(port):
    found = asked(port=port, paths=["/good", "/shed"], clients=4, seconds=60, most=10)
    assert (len(found.times), found.shed, found.errors) == (5, 5, 0)


def test_what_is_refused_without_a_time_to_come_back_is_an_error(port):
    paths = ["/good", "/shed", "/slow", "/bad"]
    found = asked(port=port, paths=paths, clients=4, seconds=1, rate=40)
    sent = len(found.times) + found.shed + found.errors
    assert 4 <= sent <= 40
    assert abs(found.shed - 2 * found.errors) <= 2
    assert abs(len(found.times) - found.errors) <= 1
    assert found.reasons == {"503": found.errors}


def test_memory_that_grows_has_a_slope():
    memory = run.Memory(web=None, minutes=[n / 30 for n in range(60)])
    memory.mebibytes = [300.0] * 30 + [300 + 6 * n / 30 for n in range(30)]
    assert memory.slope() == 6.0
    memory.mebibytes = [100.0 + n for n in range(30)] + [130.0] * 30
    assert memory.slope() == 0.0
