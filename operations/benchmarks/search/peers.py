"""Other libraries over the same vectors and queries: bare, in memory, and with no database."""

import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from search.ranking import tuning

logger = logging.getLogger(__name__)

TOP = 10
EF_SEARCH = 40  # pgvector's own default
Search = Callable[[np.ndarray], np.ndarray]


def measure(pictures: np.ndarray, queries: np.ndarray) -> dict[str, dict[str, float] | None]:
    """Return recall and time of the ten nearest of (n, dim) for each of (queries, dim), unit rows.

    A library that is not installed is None. All graphs have the parameters of ours, one thread
    asks, and rounds are interleaved; every query is asked once before, to warm up.
    """
    best = [set(np.argsort(-(pictures @ query))[:TOP].tolist()) for query in queries]
    ways: dict[str, Search] = {"exact_numpy": lambda query: _exact(pictures, query)}
    missing: list[str] = []
    for name, build in (("faiss_hnsw", _faiss), ("hnswlib", _hnswlib)):
        try:
            ways[name] = build(pictures)
        except ImportError:
            logger.warning("%s is not installed: pip install 'ekphrasis[bench]'", name)
            missing.append(name)
    found: dict[str, list[float]] = {name: [] for name in ways}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for query, nearest in zip(queries, best, strict=True):
        for name, search in ways.items():
            search(query)
            started = time.perf_counter()
            rows = search(query)
            times[name].append((time.perf_counter() - started) * 1000)
            found[name].append(len(nearest & set(rows.tolist())) / len(nearest))
    return {
        **{
            name: {
                "recall_at_10": round(float(np.mean(found[name])), 4),
                "p50_ms": round(float(np.median(times[name])), 2),
            }
            for name in ways
        },
        **dict.fromkeys(missing),
    }


def _exact(pictures: np.ndarray, query: np.ndarray) -> np.ndarray:
    cosines = pictures @ query
    return np.argpartition(-cosines, TOP)[:TOP]


def _faiss(pictures: np.ndarray) -> Search:
    import faiss  # noqa: PLC0415 - an extra

    graph = faiss.IndexHNSWFlat(pictures.shape[1], tuning.HNSW_M, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = tuning.HNSW_EF_CONSTRUCTION
    graph.add(pictures)
    graph.hnsw.efSearch = EF_SEARCH
    faiss.omp_set_num_threads(1)
    return lambda query: graph.search(query[None], TOP)[1][0]


def _hnswlib(pictures: np.ndarray) -> Search:
    import hnswlib  # noqa: PLC0415 - an extra

    graph: Any = hnswlib.Index(space="ip", dim=pictures.shape[1])
    graph.init_index(
        len(pictures), M=tuning.HNSW_M, ef_construction=tuning.HNSW_EF_CONSTRUCTION, random_seed=1
    )
    graph.add_items(pictures)
    graph.set_ef(EF_SEARCH)
    graph.set_num_threads(1)
    return lambda query: graph.knn_query(query[None], k=TOP)[0][0]
