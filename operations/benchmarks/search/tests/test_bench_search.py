"""`manage.py bench_search` on a handful of works, and what it leaves behind."""

import json
import signal
import time

import numpy as np
import psutil
import pytest
from django.db import connection

from operations.benchmarks import collection
from operations.benchmarks.search import database, peers
from testing.tiny_clip import write_checkpoint

PROMISED = {
    "n", "raw_hnsw_p50_ms", "vector_p50_ms", "hybrid_p50_ms", "hybrid_p99_ms", "recall_at_10",
    "filtered", "http", "worker_mb", "cold_start_s", "peers",
}  # fmt: skip


def is_there() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database.DATABASE])
        return cursor.fetchone() is not None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_all_that_is_promised_is_measured_and_nothing_stays_behind(manage, tmp_path):
    """It starts three web servers one after another, and takes half a minute or more."""
    write_checkpoint(tmp_path / "tiny-clip", words=collection.words(), context_length=16)
    process = manage(
        *("bench_search", "--n", "400", "--queries", "4", "--seconds", "0.5", "--json"),
        *("--model", str(tmp_path / "tiny-clip")),
    )
    output, errors = process.communicate(timeout=280)
    assert process.returncode == 0, output + errors
    figures = json.loads(output.splitlines()[-1])
    assert figures.keys() >= PROMISED
    assert figures["n"] == 400
    assert figures["recall_at_10"] == 1.0  # so few works are all looked at
    assert [each["selectivity"] for each in figures["filtered"]] == ["0.05", "0.005", "1 row"]
    assert figures["http"]["errors"] == 0
    assert all(figures["http"][name] > 0 for name in ("rps", "p50_ms", "p99_ms"))
    assert figures["worker_mb"] > 0
    assert figures["cold_start_s"] > 0
    assert not is_there()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_stopped_it_drops_its_database_and_ends_what_it_started(manage):
    process = manage("bench_search", "--n", "20000")
    ends = time.monotonic() + 120
    while not is_there():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < ends
        time.sleep(0.05)
    started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped by hand" in errors
    assert not is_there()
    _, left = psutil.wait_procs(started, timeout=30)
    assert left == []


def test_a_peer_that_is_not_installed_is_none_and_the_mend_is_said(monkeypatch, caplog):
    def missing(pictures):
        raise ImportError

    monkeypatch.setattr(peers, "_hnswlib", missing)
    monkeypatch.setattr(peers, "_faiss", missing)
    vectors = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    found = peers.measure(vectors, vectors[:3])
    assert (found["faiss_hnsw"], found["hnswlib"]) == (None, None)
    assert found["exact_numpy"]["recall_at_10"] == 1.0
    assert "pip install 'ekphrasis[bench]'" in caplog.text


@pytest.mark.parametrize(("name", "module"), [("faiss_hnsw", "faiss"), ("hnswlib", "hnswlib")])
def test_peers_find_the_nearest_of_a_small_collection(name, module):
    pytest.importorskip(module)
    vectors = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert peers.measure(vectors, vectors[:5])[name]["recall_at_10"] >= 0.9
