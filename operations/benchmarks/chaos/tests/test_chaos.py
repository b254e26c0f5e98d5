"""The parts of the chaos trial tell good from bad; the trial itself is `make chaos`."""

import os
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from ingest.models import IngestRun, IngestStep
from museum.models import Artwork, ImageStatus
from operations.benchmarks.chaos import disk, ingest_run, searchers
from operations.benchmarks.chaos.clock import Clock, library
from operations.benchmarks.chaos.proxy import Proxy
from testing.factories import give_vector, unit, vector_model, work


@pytest.mark.django_db
def test_the_account_tells_what_is_lost_and_what_is_doubled():
    ingest = ingest_run.Ingest(0)
    run = IngestRun.objects.create(base_url="http://a.example")
    assert ingest.lost(run) == 3 * ingest_run.RECORD_COUNT
    model = vector_model()
    vectors = unit(np.random.default_rng(0), ingest_run.RECORD_COUNT)
    for record, vector in zip(ingest.records, vectors, strict=True):
        made = work(artic_id=record["id"], image_status=ImageStatus.STORED, image_sha256="a" * 64)
        give_vector(made, model, vector)
        made.embeddings.update(source_hash=made.image_sha256)
    IngestRun.objects.update(
        seen=ingest_run.RECORD_COUNT,
        created=ingest_run.RECORD_COUNT,
        images=ingest_run.RECORD_COUNT,
    )
    assert (ingest.lost(run), ingest.duplicates(run)) == (0, 0)
    Artwork.objects.filter(artic_id=ingest.records[0]["id"]).update(image_sha256="b" * 64)
    Artwork.objects.filter(artic_id=ingest.records[1]["id"]).update(
        image_status=ImageStatus.FAILED, image_sha256=""
    )
    step = IngestStep.objects.create(run=run, stage=IngestStep.Stage.EMBED, number=1)
    assert ingest.lost(run) == 4  # a vector; a picture with its vector; the step
    step.delete()
    IngestRun.objects.update(seen=ingest_run.RECORD_COUNT + 2)
    work("A stranger")
    assert ingest.duplicates(run) == 2 + 1 + 1  # counted twice, a stranger, a picture that is not


class Uneven(BaseHTTPRequestHandler):
    """Answers every third search, tells another to come back, and fails the rest."""

    asked = 0

    def do_GET(self):
        Uneven.asked += 1
        self.send_response(200 if Uneven.asked % 3 == 0 else 503)
        if Uneven.asked % 3 == 1:
            self.send_header("Retry-After", "5")
        self.end_headers()

    def log_message(self, *args):
        pass


def test_visitors_tell_good_from_refused_from_failed(monkeypatch):
    monkeypatch.setattr(searchers, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(searchers, "SEARCHER_COUNT", 1)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Uneven)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with searchers.Searchers(server.server_port, ["red boat"]) as found:
        while len(found.answers) < 9:
            time.sleep(0.01)
    server.shutdown()
    server.server_close()
    assert [how for _, how in found.answers[:3]] == [
        searchers.REFUSED,
        searchers.FAILED,
        searchers.GOOD,
    ]
    assert found.reasons == {"503": found.number(searchers.FAILED)}
    assert found.first_recovered(0) is None


def test_a_search_engine_is_sound_after_good_answers_in_a_row():
    found = searchers.Searchers(0, [])
    found.answers = [(n / 10, "failed" if n == 4 else "good") for n in range(20)]
    assert found.first_recovered(0.15) == 0.5
    assert found.first_recovered(1.6) is None


def test_the_proxy_hands_on_and_ends_connections_of_a_server_that_is_away(tmp_path):
    path = str(tmp_path / "server")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    with Proxy(path) as proxy:
        proxy.delay = 0.01
        client = socket.create_connection(("127.0.0.1", proxy.port), timeout=10)
        server, _ = listener.accept()
        client.sendall(b"ping")
        assert server.recv(4) == b"ping"
        server.sendall(b"pong")
        assert client.recv(4) == b"pong"
        server.close()
        assert client.recv(1) == b""
        listener.close()
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as late:
            assert late.recv(1) == b""


def test_a_small_disk_is_full_when_it_was_filled(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "DISK_BYTES", 2**20)
    with disk.small(tmp_path) as is_small:
        if not is_small:
            pytest.skip(disk.NOT_ROOT_MESSAGE)
        disk.fill(tmp_path / "ballast")
        with pytest.raises(OSError, match="No space left"):
            (tmp_path / "more").write_bytes(b"x" * 8192)
        (tmp_path / "ballast").unlink()
        (tmp_path / "more").write_bytes(b"x" * 8192)


@pytest.mark.skipif(library() is None, reason="no libfaketime here")
def test_a_process_sees_the_clock_jump(tmp_path):
    clock = Clock(tmp_path)
    clock.set(3600)
    seen = subprocess.run(
        ["date", "+%s"], env={**os.environ, **clock.environment}, capture_output=True, check=True
    )
    assert 3500 < int(seen.stdout) - time.time() < 3700
