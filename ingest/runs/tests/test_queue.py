"""The same pipeline through a real Redis and real Celery workers."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from ingest.models import IngestRun, IngestStep
from ingest.pipeline.tests.test_killed import model  # noqa: F401 - a fixture
from ingest.sources.artic.fake_server import FakeServer, Faults
from ingest.tests.museum import records, write, write_pictures
from museum.models import Artwork
from search.models import Embedding

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.redis,
    pytest.mark.slow,
]
COUNT = 70


@pytest.fixture
def fake_server(tmp_path):
    found = records(COUNT)
    images = write_pictures(tmp_path, found)
    with FakeServer([write(tmp_path, found)], images=images, faults=Faults(latency=20)) as served:
        yield served


@pytest.fixture
def worker(subprocess_environment, redis_url):
    """A Celery worker with two processes for all queues."""
    command = [sys.executable, "-m", "celery", "-A", "museum", "worker", "-c", "2"]
    process = subprocess.Popen(
        [*command, "-Q", "metadata,images,embed", "--loglevel", "WARNING"],
        env={**subprocess_environment, "REDIS_URL": redis_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def wait_for(condition, worker, seconds=120.0):
    ends = time.monotonic() + seconds
    while not condition():
        assert worker.poll() is None, worker.communicate()
        assert time.monotonic() < ends, list(IngestRun.objects.values())
        time.sleep(0.05)


def test_workers_do_what_the_command_queued_even_if_one_is_killed(
    manage,
    worker,
    fake_server,
    redis_url,
    model,
):
    command = manage(
        *("ingest_artic", "--base-url", fake_server.base_url, "--page-size", "20"),
        *("--queue", "--json"),
        REDIS_URL=redis_url,
    )
    output, errors = command.communicate(timeout=60)
    assert command.returncode == 0, errors
    line = json.loads(output.splitlines()[-1])
    # The first page was loaded at once; the rest is the workers' work.
    assert (line["seen"], line["created"], line["failed"]) == (20, 20, 0)

    run = IngestRun.objects.get(pk=line["run"])
    wait_for(lambda: IngestStep.objects.filter(stage="image").exists(), worker)
    busy = IngestRun.objects.filter(pk=run.pk, images__gte=10)
    wait_for(busy.exists, worker)
    for child in psutil.Process(worker.pid).children():
        os.kill(child.pid, signal.SIGKILL)

    ended = IngestRun.objects.filter(pk=run.pk).exclude(state="running")
    wait_for(ended.exists, worker)
    run.refresh_from_db()
    assert (run.state, run.seen, run.created, run.failed) == ("done", COUNT, COUNT, 0)
    assert run.images == COUNT
    assert set(Artwork.objects.values_list("image_status", flat=True)) == {"stored"}
    assert Embedding.objects.filter(kind="image").count() == COUNT
    pictures = [entry for entry in fake_server.log if entry.kind == "picture"]
    pictures.sort(key=lambda entry: entry.started)
    assert len(pictures) <= COUNT + 1
    assert sum(entry.kind == "api" for entry in fake_server.log) == 4


def test_workers_do_all_works_of_a_limited_run(manage, worker, fake_server, redis_url, model):
    before = 0
    for limit in (15, 50):
        command = manage(
            *("ingest_artic", "--base-url", fake_server.base_url, "--page-size", "20"),
            *("--limit", str(limit), "--queue", "--json"),
            REDIS_URL=redis_url,
        )
        output, errors = command.communicate(timeout=60)
        assert command.returncode == 0, errors
        run = IngestRun.objects.get(pk=json.loads(output.splitlines()[-1])["run"])
        wait_for(IngestRun.objects.filter(pk=run.pk).exclude(state="running").exists, worker)
        run.refresh_from_db()
        assert (run.state, run.seen, run.images) == ("done", limit, limit - before)
        assert Embedding.objects.filter(kind="image").count() == limit
        before = limit


def test_a_broker_that_is_away_is_exit_2(manage, fake_server):
    command = manage(
        "ingest_artic", "--base-url", fake_server.base_url, "--queue",
        REDIS_URL="redis://127.0.0.1:1/0",
    )  # fmt: skip
    _, errors = command.communicate(timeout=60)
    assert command.returncode == 2
    assert "Redis at REDIS_URL does not answer" in errors
    assert not IngestRun.objects.exists()
