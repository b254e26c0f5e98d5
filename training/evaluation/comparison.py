"""Several models on one museum's works: their relevance and their costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from search import encoders
from search.embeddings import known_models
from search.encoders import Encoder, EncoderUnavailable, latency, onnx_exporter
from search.encoders.onnx_encoder import OnnxEncoder
from search.encoders.onnx_export import FP32, INT8, TEXT
from search.models import EmbeddingModel
from training.datasets import split
from training.datasets.dataset import Dataset, Item
from training.evaluation import query_sets, rankers, results, significance
from training.evaluation.evaluate import find_model
from training.evaluation.metrics import MEASURES
from training.evaluation.query_sets import QuerySet

COMPARED_MEASURES = ("R@1", "R@5", "MRR", "nDCG@10")
TIMED_PICTURES = 32
TIMED_ROUNDS = 20


def compare(
    names: Sequence[str],
    dataset: Dataset,
    *,
    queries: Path | None = None,
    part: str = "test",
    most: int = 1000,
    progress: bool = False,
) -> list[dict[str, Any]]:
    """Return one row a name: relevance by set in "sets", and costs; or "error" with what to do.

    Every model gets the same gallery and the same queries, at most `most` of each set. Exports go
    to EXPORT_DIR. Raises `DatasetError`.
    """
    all_sets: list[QuerySet] = []
    parts = split.split(dataset, seed=0)

    def sets_over(gallery: Sequence[Item]) -> list[QuerySet]:
        known = {item.key: parts[item.key] for item in gallery}
        sets = query_sets.held_out(gallery, known, split.groups(gallery), part, most)
        if queries is not None:
            sets.append(query_sets.judged(queries.stem, gallery, query_sets.read(queries)))
        return sets

    table: list[dict[str, Any]] = []
    for name in names:
        try:
            model = find_model(name)
            encoder = encoders.get_encoder(model)
            model.fingerprint = model.fingerprint or encoder.fingerprint
            [gallery_model], readable = rankers.encode_gallery(
                {name: encoder}, dataset.items, {}, progress=progress
            )
        except (known_models.UnknownModel, EncoderUnavailable) as error:
            table.append({"name": name, "error": str(error)})
            continue
        gallery = [dataset.items[number] for number in readable]
        all_sets = all_sets or sets_over(gallery)
        relevance = {each.name: _relevance(each, gallery_model) for each in all_sets}
        costs = {
            "images_per_s": _images_per_second(encoder, gallery),
            **_query_cost(model, encoder),
        }
        size = {"licence": model.licence, "parameters_m": _parameters(encoder)}
        table.append({"name": name, "sets": relevance, "dimension": encoder.dim, **costs, **size})
    return table


def _relevance(query_set: QuerySet, model: rankers.GalleryModel) -> dict[str, Any]:
    rankings = results.rank_gallery(
        query_set, rankers.by_vectors(model.texts(query_set.queries), model.pictures)
    )
    measures = COMPARED_MEASURES if query_set.is_graded else COMPARED_MEASURES[:-1]
    columns = [MEASURES.index(measure) for measure in measures]
    figures = significance.summary(rankings.values[:, columns], measures, query_set.groups)
    return {"queries": len(query_set.queries), "gallery": len(query_set.keys), **figures}


def _images_per_second(encoder: Encoder, gallery: Sequence[Item]) -> float:
    """Return pictures a second through the image tower, without decoding; the best of two
    rounds."""
    prepared = [encoder.prepare(item.open()) for item in gallery[:TIMED_PICTURES]]
    seconds = min(_seconds(lambda: encoder.encode_images(prepared)) for _ in range(2))
    return round(len(prepared) / seconds, 1)


def _query_cost(model: EmbeddingModel, encoder: Encoder) -> dict[str, Any]:
    """Return the milliseconds of one short query by ONNX Runtime in both precisions, and the memory
    of a new process that encodes it; by torch if the model cannot be exported."""
    variants: dict[str, Encoder]
    try:
        artifact = onnx_exporter.ensure(encoder, model.name)
        variants = {kind: OnnxEncoder(artifact, {TEXT: kind}) for kind in (FP32, INT8)}
    except onnx_exporter.NotExportable:
        variants = {"torch": encoder}
    times = {
        name: _median_ms(partial(variant.encode_texts, [latency.QUERY]))
        for name, variant in variants.items()
    }
    smallest = list(variants)[-1]
    return {"query_ms": times, "memory_mb": latency.memory_of(model, smallest)}


def _median_ms(run: Callable[[], Any]) -> float:
    run()
    return round(float(np.median([_seconds(run) for _ in range(TIMED_ROUNDS)])) * 1000, 2)


def _seconds(run: Callable[[], Any]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _parameters(encoder: Any) -> float:
    return round(sum(p.numel() for p in encoder.model.parameters()) / 1e6, 1)
