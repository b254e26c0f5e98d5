"""The cost of growth: many vectors in one table with one index, and in partitions with one each.

The tables only have ids and vectors of CLIP's dimension, to measure Postgres and pgvector alone. A
table's comment holds the cost of creating it, so that a later run can query it.
"""
# ruff: noqa: S608 - the names of tables are numbers behind a constant

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import numpy as np
import psycopg

from museum.core.database.url import database_url
from operations.benchmarks import collection
from operations.benchmarks.search.in_process import RESULT_DEPTH, percentile, timed
from search.embeddings import hnsw_index
from search.retrieval import vectors as vector_search

DIMENSION = collection.DIMENSION
BUILD_BYTES_A_VECTOR = 2_500  # of maintenance_work_mem, so that the graph fits
EXACT_QUERIES = 20
EXACT_SETTINGS = {"enable_indexscan": "off"}
GRAPH_PARAMETERS = {"m": hnsw_index.M, "ef_construction": hnsw_index.EF_CONSTRUCTION}
Report = Callable[[str], Any]
Server = psycopg.Connection[Any]


def make(number: int, partitions: int, report: Report) -> None:
    """Create and index both tables of `number` vectors, unless they exist."""
    plain, parted = _names(number, partitions)
    with _connect() as server:
        if not _facts(server, plain):
            _load(server, plain, number, report)
        if not _is_indexed(server, plain):
            _index(server, plain, [plain], number, report)
        if not _facts(server, parted):
            _divide(server, plain, parted, partitions, report)
        if not _is_indexed(server, parted):
            _index(server, parted, _parts(parted, partitions), number // partitions, report)


def measure(
    number: int, partitions: int, queries: int, ef_search: int = vector_search.EF_SEARCH
) -> dict[str, Any]:
    """Return the costs of creating the tables of `make`, and of querying them.

    `fan_out` queries all partitions at once, each over its own connection, and merges the lists:
    the cost of partitions on several servers, without the network.
    """
    plain, parted = _names(number, partitions)
    vectors = collection.clustered(np.random.default_rng(5), queries, DIMENSION)
    literals = [vector_search.literal(vector) for vector in vectors]
    indexed = {"hnsw.ef_search": str(ef_search), "max_parallel_workers_per_gather": "0"}
    with ExitStack() as stack:
        several = [stack.enter_context(_connect(**indexed)) for _ in range(partitions)]
        pool = stack.enter_context(ThreadPoolExecutor(partitions))
        one, alone, parallel = (
            stack.enter_context(_connect(**each))
            for each in (
                indexed,
                EXACT_SETTINGS | {"max_parallel_workers_per_gather": "0"},
                EXACT_SETTINGS | {"max_parallel_workers_per_gather": "2"},
            )
        )
        by_index: dict[str, Callable[[int], list[int]]] = {
            "hnsw": lambda n: _keys([_nearest(one, plain, literals[n])]),
            "partitions": lambda n: _keys([_nearest(one, parted, literals[n])]),
            "fan_out": lambda n: _keys(
                pool.map(_nearest, several, _parts(parted, partitions), [literals[n]] * partitions)
            ),
        }
        timed(by_index, range(queries))  # the second time all data is in memory
        times = timed(by_index, range(queries), warm_up=0)
        exact: dict[str, Callable[[int], list[int]]] = {
            "exact": lambda n: _keys([_nearest(alone, plain, literals[n])]),
            "exact_parallel": lambda n: _keys([_nearest(parallel, plain, literals[n])]),
            "exact_partitions": lambda n: _keys([_nearest(parallel, parted, literals[n])]),
        }
        times |= timed(exact, range(min(EXACT_QUERIES, queries)), warm_up=0)
        best = [set(exact["exact_parallel"](n)) for n in range(queries)]
        recall = {
            name: float(
                np.mean([len(best[n] & set(way(n))) / RESULT_DEPTH for n in range(queries)])
            )
            for name, way in by_index.items()
        }
        return {
            "n": number,
            "ef_search": ef_search,
            "one": _facts(one, plain),
            f"in_{partitions}": _facts(one, parted),
            "p50_ms": {name: percentile(taken, 50) for name, taken in times.items()},
            "p99_ms": {name: percentile(times[name], 99) for name in by_index},
            "recall_at_10": {name: round(found, 4) for name, found in recall.items()},
        }


def _names(number: int, partitions: int) -> tuple[str, str]:
    return f"growth_{number}", f"growth_{number}_in_{partitions}"


def _parts(parted: str, partitions: int) -> list[str]:
    return [f"{parted}_{remainder}" for remainder in range(partitions)]


def _connect(**settings: str) -> Server:
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return psycopg.connect(database_url(), autocommit=True, options=f"-c jit=off {options}")


def _load(server: Server, table: str, number: int, report: Report) -> None:
    """Write made-up vectors in Postgres' binary format; the time of making them does not count."""
    server.execute(f"DROP TABLE IF EXISTS {table}")
    server.execute(f"CREATE TABLE {table} (id bigint PRIMARY KEY, vector halfvec({DIMENSION}))")
    row = np.dtype(
        [("columns", ">i2"), ("id_size", ">i4"), ("id", ">i8"), ("size", ">i4"),
         ("dimension", ">u2"), ("unused", ">u2"), ("vector", ">f2", (DIMENSION,))]
    )  # fmt: skip
    chance, made = np.random.default_rng(0), 0.0
    began = time.perf_counter()
    with server.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for first in range(0, number, collection.BLOCK_ROWS):
            started = time.perf_counter()
            rows = np.zeros(min(collection.BLOCK_ROWS, number - first), row)
            rows["columns"], rows["id_size"], rows["dimension"] = 2, 8, DIMENSION
            rows["size"] = 4 + 2 * DIMENSION
            rows["id"] = np.arange(first, first + len(rows))
            rows["vector"] = collection.clustered(chance, len(rows), DIMENSION)
            made += time.perf_counter() - started
            copy.write(rows.tobytes())
        copy.write(b"\xff\xff")
    _keep(server, table, {"load_s": round(time.perf_counter() - began - made, 1)}, report)


def _divide(server: Server, plain: str, parted: str, partitions: int, report: Report) -> None:
    server.execute(f"DROP TABLE IF EXISTS {parted}")
    server.execute(
        f"CREATE TABLE {parted} (id bigint PRIMARY KEY, vector halfvec({DIMENSION})) "
        "PARTITION BY HASH (id)"
    )
    for remainder, part in enumerate(_parts(parted, partitions)):
        server.execute(
            f"CREATE TABLE {part} PARTITION OF {parted} "
            f"FOR VALUES WITH (MODULUS {partitions}, REMAINDER {remainder})"
        )
    began = time.perf_counter()
    server.execute(f"INSERT INTO {parted} SELECT * FROM {plain}")
    _keep(server, parted, {"load_s": round(time.perf_counter() - began, 1)}, report)


def _index(server: Server, table: str, parts: list[str], number: int, report: Report) -> None:
    """Build an index like those of searches over each of `parts`, of `number` vectors."""
    memory = 64 + number * BUILD_BYTES_A_VECTOR // 2**20
    server.execute(f"SET maintenance_work_mem = '{memory}MB'")
    # Postgres would choose none for a small table, and all must be built alike.
    server.execute("SET max_parallel_maintenance_workers = 1")
    for part in parts:  # of other parameters
        server.execute(f"DROP INDEX IF EXISTS {part}_hnsw")
    notices: list[str] = []
    server.add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
    began = time.perf_counter()
    for part in parts:
        server.execute(f"ALTER TABLE {part} SET (parallel_workers = 1)")
        server.execute(
            f"CREATE INDEX {part}_hnsw ON {part} USING hnsw (vector halfvec_cosine_ops) "
            f"WITH (m = {hnsw_index.M}, ef_construction = {hnsw_index.EF_CONSTRUCTION})"
        )
        server.execute(f"ALTER TABLE {part} RESET (parallel_workers)")
    taken = time.perf_counter() - began
    if notices:  # a graph that outgrows its memory is built many times slower
        raise RuntimeError(f"maintenance_work_mem = {memory} MB: {notices[0]}")
    server.execute(f"VACUUM (ANALYZE) {table}")
    sizes = {
        "table_mb": _sum(server, "pg_table_size", parts),
        "index_mb": _sum(server, "pg_relation_size", [f"{part}_hnsw" for part in parts]),
    }
    load = round(os.getloadavg()[0], 2)
    facts = {
        "build_s": round(taken, 1),
        "load": load,
        "build_memory_mb": memory,
        **sizes,
        **GRAPH_PARAMETERS,
    }
    _keep(server, table, _facts(server, table) | facts, report)


def _sum(server: Server, function: str, relations: list[str]) -> int:
    sizes = f"SELECT sum({function}(name::regclass)) / 1048576 FROM unnest(%s::text[]) name"
    return int(server.execute(sizes, [relations]).fetchall()[0][0])


def _keep(server: Server, table: str, facts: dict[str, Any], report: Report) -> None:
    server.execute(f"COMMENT ON TABLE {table} IS '{json.dumps(facts)}'")
    report(f"{table}: {facts}")


def _facts(server: Server, table: str) -> dict[str, Any]:
    """Return the facts in the table's comment; none if it is not loaded."""
    statement = "SELECT obj_description(to_regclass(%s), 'pg_class')"
    ((comment,),) = server.execute(statement, [table]).fetchall()
    return json.loads(comment) if comment else {}


def _is_indexed(server: Server, table: str) -> bool:
    return GRAPH_PARAMETERS.items() <= _facts(server, table).items()


def _nearest(server: Server, table: str, vector: str) -> list[tuple[float, int]]:
    """Return (cosine distance, id) of the nearest."""
    statement = (
        f"SELECT vector <=> '{vector}'::halfvec, id FROM {table} ORDER BY 1 LIMIT {RESULT_DEPTH}"
    )
    return server.execute(statement).fetchall()


def _keys(lists: Any) -> list[int]:
    return [key for _, key in sorted(row for rows in lists for row in rows)[:RESULT_DEPTH]]
