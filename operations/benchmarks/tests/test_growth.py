"""`manage.py bench_growth` on a few vectors: what it promises to print, and what it leaves."""

import json

import pytest
from django.db import connection

WAYS = {"hnsw", "partitions", "fan_out"}
EXACT = {"exact", "exact_parallel", "exact_partitions"}


@pytest.mark.django_db(transaction=True)
def test_one_table_and_partitions_are_measured_and_nothing_stays_behind(manage):
    process = manage(
        *("bench_growth", "--sizes", "300", "600", "--partitions", "2", "--queries", "5"),
        *("--ef-search", "200"),
    )
    output, errors = process.communicate(timeout=200)
    assert process.returncode == 0, output + errors
    small, large = map(json.loads, output.splitlines())
    assert (small["n"], large["n"]) == (300, 600)
    for found in (small, large):
        assert found["ef_search"] == 200
        assert found["p50_ms"].keys() == WAYS | EXACT
        assert found["p99_ms"].keys() == found["recall_at_10"].keys() == WAYS
        assert min(found["recall_at_10"].values()) >= 0.9
        for table in ("one", "in_2"):
            assert found[table].keys() >= {"load_s", "build_s", "build_memory_mb", "index_mb"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE '%growth%'")
        assert cursor.fetchall() == []
