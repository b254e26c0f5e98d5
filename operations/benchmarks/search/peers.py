"""Other libraries on the same vectors and queries, in memory and without a database."""

import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from search.embeddings.hnsw_index import EF_CONSTRUCTION, M

logger = logging.getLogger(__name__)

RESULT_DEPTH = 10
PEER_EF_SEARCH = 40  # pgvector's own default
Search = Callable[[np.ndarray], np.ndarray]


def measure(pictures: np.ndarray, queries: np.ndarray) -> dict[str, dict[str, float] | None]:
    """Return recall and time of the ten nearest of (n, dim) for each of (queries, dim), unit rows.

    A library that is not installed is None. All graphs have our parameters, one thread searches,
    and rounds are interleaved after a warm-up with every query.
    """
    best = [set(np.argsort(-(pictures @ query))[:RESULT_DEPTH].tolist()) for query in queries]
    searches: dict[str, Search] = {"exact_numpy": lambda query: _exact(pictures, query)}
    missing: list[str] = []
    for name, build in (("faiss_hnsw", _faiss), ("hnswlib", _hnswlib)):
        try:
            searches[name] = build(pictures)
        except ImportError:
            logger.warning("%s is not installed: pip install 'ekphrasis[bench]'", name)
            missing.append(name)
    recalls: dict[str, list[float]] = {name: [] for name in searches}
    times: dict[str, list[float]] = {name: [] for name in searches}
    for query, nearest in zip(queries, best, strict=True):
        for name, search in searches.items():
            search(query)
            started = time.perf_counter()
            rows = search(query)
            times[name].append((time.perf_counter() - started) * 1000)
            recalls[name].append(len(nearest & set(rows.tolist())) / len(nearest))
    return {
        **{
            name: {
                "recall_at_10": round(float(np.mean(recalls[name])), 4),
                "p50_ms": round(float(np.median(times[name])), 2),
            }
            for name in searches
        },
        **dict.fromkeys(missing),
    }


def _exact(pictures: np.ndarray, query: np.ndarray) -> np.ndarray:
    cosines = pictures @ query
    return np.argpartition(-cosines, RESULT_DEPTH)[:RESULT_DEPTH]


def _faiss(pictures: np.ndarray) -> Search:
    import faiss  # noqa: PLC0415 - the extra "bench"

    graph = faiss.IndexHNSWFlat(pictures.shape[1], M, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = EF_CONSTRUCTION
    graph.add(pictures)
    graph.hnsw.efSearch = PEER_EF_SEARCH
    faiss.omp_set_num_threads(1)
    return lambda query: graph.search(query[None], RESULT_DEPTH)[1][0]


def _hnswlib(pictures: np.ndarray) -> Search:
    import hnswlib  # noqa: PLC0415 - the extra "bench"

    graph: Any = hnswlib.Index(space="ip", dim=pictures.shape[1])
    graph.init_index(len(pictures), M=M, ef_construction=EF_CONSTRUCTION, random_seed=1)
    graph.add_items(pictures)
    graph.set_ef(PEER_EF_SEARCH)
    graph.set_num_threads(1)
    return lambda query: graph.knn_query(query[None], k=RESULT_DEPTH)[0][0]
