"""`manage.py bench_ingest` on a handful of records, and what it leaves behind."""

import json
import signal
import time

import psutil
import pytest
from django.db import connection

from testing.tiny_clip import write_checkpoint

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def databases() -> list[str]:
    """Those of benches; of others that were killed, something may be left (datconnlimit -2)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'ekphrasis_bench_%'"
            " AND datconnlimit <> -2"
        )
        return [name for (name,) in cursor.fetchall()]


def test_both_halves_are_measured_and_nothing_stays_behind(manage, tmp_path):
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
    assert databases() == []


def test_stopped_it_drops_its_database_and_ends_what_it_started(manage):
    process = manage("bench_ingest", "--records", "3000", "--pictures", "0")
    ends = time.monotonic() + 120
    while not databases():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < ends
        time.sleep(0.05)
    started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped by hand" in errors
    assert databases() == []
    # One that has ended counts until whoever inherited it has waited for it.
    _, left = psutil.wait_procs(started, timeout=30)
    assert left == []
