"""Models side by side for one museum: what they find, and what they cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from search import encoders
from search.embeddings import known_models
from search.encoders import Encoder, EncoderUnavailableError, latency
from search.encoders.onnx_export import FP32, INT8, TEXT
from search.models import EmbeddingModel
from training.datasets import Dataset, Item, split
from training.evaluation import query_sets, rankers, results, significance
from training.evaluation.evaluate import find
from training.evaluation.metrics import MEASURES
from training.evaluation.query_sets import QuerySet

RELEVANCE = ("R@1", "R@5", "MRR", "nDCG@10")
PICTURES = 32  # that are timed
ROUNDS = 20


def compare(
    names: Sequence[str],
    dataset: Dataset,
    *,
    queries: Path | None = None,
    part: str = "test",
    most: int = 1000,
    progress: bool = False,
) -> list[dict[str, Any]]:
    """Return one row a name: "sets" with relevance, and costs; or "error", which says the mend.

    Every model sees the same gallery and is asked the same, at most `most` queries of each set.
    Exports go to EXPORT_DIR. Raises `DatasetError`.
    """
    sets: list[QuerySet] = []
    parts = split.split(dataset, seed=0)

    def asked(gallery: Sequence[Item]) -> list[QuerySet]:
        known = {item.key: parts[item.key] for item in gallery}
        found = query_sets.held_out(gallery, known, split.groups(gallery), part, most)
        if queries is not None:
            found.append(query_sets.judged(queries.stem, gallery, query_sets.read(queries)))
        return found

    table: list[dict[str, Any]] = []
    for name in names:
        try:
            model = find(name)
            encoder = encoders.get_encoder(model)
            model.fingerprint = model.fingerprint or encoder.fingerprint
            [seen], readable = rankers.look({name: encoder}, dataset.items, {}, progress=progress)
        except (known_models.UnknownModelError, EncoderUnavailableError) as error:
            table.append({"name": name, "error": str(error)})
            continue
        gallery = [dataset.items[number] for number in readable]
        sets = sets or asked(gallery)
        found = {each.name: _relevance(each, seen) for each in sets}
        costs = {"images_per_s": _rate(encoder, gallery), **_query(model, encoder)}
        size = {"licence": model.licence, "parameters_m": _parameters(encoder)}
        table.append({"name": name, "sets": found, "dimension": encoder.dim, **costs, **size})
    return table


def _relevance(asked: QuerySet, model: rankers.Model) -> dict[str, Any]:
    found = results.answer(asked, rankers.by_vectors(model.texts(asked.queries), model.pictures))
    shown = RELEVANCE if asked.is_graded else RELEVANCE[:-1]
    columns = [MEASURES.index(measure) for measure in shown]
    measured = significance.summary(found.values[:, columns], shown, asked.groups)
    return {"queries": len(asked.queries), "gallery": len(asked.keys), **measured}


def _rate(encoder: Encoder, gallery: Sequence[Item]) -> float:
    """Return pictures a second through the image tower alone, the best of two rounds."""
    prepared = [encoder.prepare(item.open()) for item in gallery[:PICTURES]]
    seconds = min(_seconds(lambda: encoder.encode_images(prepared)) for _ in range(2))
    return round(len(prepared) / seconds, 1)


def _query(model: EmbeddingModel, encoder: Encoder) -> dict[str, Any]:
    """Return what one short query costs: milliseconds by ONNX Runtime in both precisions, and the
    memory of a fresh process that encodes it; by torch where there can be no export."""
    from search.encoders import onnx_exporter  # noqa: PLC0415 - torch
    from search.encoders.onnx_encoder import OnnxEncoder  # noqa: PLC0415

    ways: dict[str, Encoder]
    try:
        made = onnx_exporter.ensure(encoder, model.name)
        ways = {kind: OnnxEncoder(made, {TEXT: kind}) for kind in (FP32, INT8)}
    except onnx_exporter.NotExportableError:
        ways = {"torch": encoder}
    times = {way: _median_ms(lambda one=one: one.encode_texts([latency.QUERY]))  # type: ignore[misc]
             for way, one in ways.items()}  # fmt: skip
    smallest = list(ways)[-1]
    return {"query_ms": times, "memory_mb": latency.memory_of(model, smallest)}


def _median_ms(run: Callable[[], Any]) -> float:
    run()
    return round(float(np.median([_seconds(run) for _ in range(ROUNDS)])) * 1000, 2)


def _seconds(run: Callable[[], Any]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _parameters(encoder: Any) -> float:
    return round(sum(p.numel() for p in encoder.model.parameters()) / 1e6, 1)
