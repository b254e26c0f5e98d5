"""`manage.py bench_ingest` on a handful of records, and what it leaves behind."""

import json
import signal
import time

import psutil
import pytest
from django.db import connection

from testing.tiny_clip import write_checkpoint

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def databases() -> set[str]:
    """Return the databases of benchmarks, those that killed runs left behind included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'ekphrasis_bench_%'")
        return {name for (name,) in cursor.fetchall()}


def test_both_halves_are_measured_and_nothing_stays_behind(manage, tmp_path):
    """It starts seven processes, several of which import torch, and takes half a minute or more."""
    before = databases()
    write_checkpoint(tmp_path / "tiny-clip", words=["a", "boat"], context_length=16)
    process = manage(
        *("bench_ingest", "--records", "30", "--pictures", "60", "--json"),
        *("--model", str(tmp_path / "tiny-clip")),
    )
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, output + errors
    figures = json.loads(output.splitlines()[-1])
    assert list(figures) == [
        *("records", "load_s", "reload_s", "reload_row_writes", "peak_mb"),
        *("embed_rate", "pure_rate"),
    ]
    assert (figures["records"], figures["reload_row_writes"]) == (30, 0)
    assert all(figures[name] > 0 for name in ("load_s", "peak_mb", "embed_rate", "pure_rate"))
    assert databases() <= before


def test_stopped_it_drops_its_database_and_ends_what_it_started(manage):
    before = databases()
    process = manage("bench_ingest", "--records", "3000", "--pictures", "0")
    ends = time.monotonic() + 120
    while databases() <= before:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < ends
        time.sleep(0.05)
    started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped by hand" in errors
    assert databases() <= before
    # One that has ended counts until whoever inherited it has waited for it.
    _, left = psutil.wait_procs(started, timeout=30)
    assert left == []
