"""Searches in this process, without a web server: times and recall, with lower bounds.

Rounds of all compared functions are interleaved, so that other work on the machine affects all of
them equally.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.db import connection, transaction
from psycopg import sql

from operations.benchmarks import collection
from operations.benchmarks.search import peers
from search.engine import facets, results
from search.engine import search as search_engine
from search.models import Embedding, EmbeddingModel
from search.query.filters import Filters
from search.query.query import Query
from search.retrieval import candidates
from search.retrieval import vectors as vector_search

RESULT_DEPTH = 10
WARM_UP_ROUNDS = 5


def measure(made: collection.Collection, number: int) -> dict[str, Any]:
    """Return times (milliseconds) and recall of `number` queries."""
    chance = np.random.default_rng(5)
    vectors = collection.clustered(chance, number + WARM_UP_ROUNDS, made.model.dimension)
    queries = [
        Query.parse(collection.phrase(chance, made.words, int(chance.integers(2, 6))))
        for _ in vectors
    ]
    ways: dict[str, Callable[[int], Any]] = {
        "raw_hnsw": lambda n: raw(made.model, vectors[n]),
        "vector": lambda n: pictures(made.model, vectors[n]),
        "hybrid": lambda n: (
            results.of(search_engine.answer(queries[n], made.model, vectors[n]).places),
            facets.facets(queries[n]),
        ),
    }
    times = timed(ways, range(number + WARM_UP_ROUNDS))
    return {
        "n": len(made.pictures),
        "queries": number,
        "raw_hnsw_p50_ms": percentile(times["raw_hnsw"], 50),
        "vector_p50_ms": percentile(times["vector"], 50),
        "hybrid_p50_ms": percentile(times["hybrid"], 50),
        "hybrid_p99_ms": percentile(times["hybrid"], 99),
        "recall_at_10": recall(
            made,
            vectors,
            np.ones(len(made.pictures), bool),
            lambda n: pictures(made.model, vectors[n]),
        ),
        "filtered": [filtered(made, vectors, *each) for each in narrow(queries[0])],
        "peers": peers.measure(made.pictures, vectors),
    }


def raw(model: EmbeddingModel, vector: np.ndarray) -> list[int]:
    """Return the nearest rows by the simplest statement that uses the index: the lower bound."""
    statement = sql.SQL(
        "SELECT artwork_id FROM search_embedding WHERE model_id = {model} AND kind = 'image' "
        "ORDER BY vector::halfvec({width}) <=> {vector}::halfvec({width}) LIMIT {top}"
    ).format(
        model=sql.Literal(model.pk),
        width=sql.Literal(model.dimension),
        vector=sql.Literal(vector_search.literal(vector)),
        top=sql.Literal(RESULT_DEPTH),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def pictures(model: EmbeddingModel, vector: np.ndarray) -> list[int]:
    """Return the ids of the works with the nearest pictures, as a search finds them."""
    everything = candidates.plan(Query.parse(""))
    matches = vector_search.by_vector(
        model, Embedding.Kind.IMAGE, vector, everything, depth=RESULT_DEPTH
    )
    return [match.artic_id for match in matches]


def narrow(query: Query) -> Iterator[tuple[str, Query]]:
    """Yield filters that keep 5 %, 0.5 % and one of the works."""
    yield "0.05", replace(query, filters=Filters(type=(collection.FIVE_PERCENT_TYPE,)))
    yield "0.005", replace(query, filters=Filters(type=(collection.HALF_PERCENT_TYPE,)))
    yield "1 row", replace(query, filters=Filters(artist=(collection.SOLE_MAKER,)))


def filtered(
    made: collection.Collection, vectors: np.ndarray, selectivity: str, query: Query
) -> dict[str, Any]:
    """Return the times of whole searches under one filter, and the recall of the picture
    channel."""
    rows = np.array(vector_search.candidates(query).values_list("artic_id", flat=True)) - 1
    mask = np.zeros(len(made.pictures), bool)
    mask[rows] = True

    def search(n: int) -> list[int]:
        with transaction.atomic():
            works = candidates.plan(query)
            matches = vector_search.by_vector(
                made.model, Embedding.Kind.IMAGE, vectors[n], works, depth=RESULT_DEPTH
            )
        return [match.artic_id for match in matches]

    def whole(n: int) -> None:
        results.of(search_engine.answer(query, made.model, vectors[n]).places)

    times = timed({"search": whole, "vector": search}, range(len(vectors)))
    return {
        "selectivity": selectivity,
        "works": len(rows),
        "p50_ms": percentile(times["vector"], 50),
        "hybrid_p50_ms": percentile(times["search"], 50),
        "recall_at_10": recall(made, vectors, mask, search),
    }


def recall(
    made: collection.Collection,
    vectors: np.ndarray,
    mask: np.ndarray,
    search: Callable[[int], list[int]],
) -> float:
    """Return the share of the ten nearest (by NumPy, among `mask`) that `search` finds."""
    shares = []
    for n, vector in enumerate(vectors):
        cosines = np.where(mask, made.pictures @ vector, -2)
        best = set(np.argsort(-cosines)[: min(RESULT_DEPTH, mask.sum())] + 1)
        shares.append(len(best & set(search(n))) / len(best))
    return round(float(np.mean(shares)), 4)


def timed(
    ways: dict[str, Callable[[int], Any]], rounds: Sequence[int], warm_up: int = WARM_UP_ROUNDS
) -> dict[str, list[float]]:
    """Run all `ways` once a round; return milliseconds, without the warm-up rounds.

    The order is random: a function that always followed the slowest one would always find the
    processor's caches replaced.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    chance = random.Random(0)  # noqa: S311
    for n in rounds:
        for name, run in chance.sample(list(ways.items()), len(ways)):
            started = time.perf_counter()
            with transaction.atomic():
                run(n)
            times[name].append((time.perf_counter() - started) * 1000)
    return {name: taken[warm_up:] for name, taken in times.items()}


def percentile(times: Sequence[float], q: float) -> float:
    """Return the `q`-th percentile, to a hundredth."""
    return round(float(np.percentile(times, q)), 2)
