"""Decide whether an int8 tower may replace its fp32 one: only if searches stay the same.

It is measured on the model's own works. Their titles, alternative texts and first sentences are the
queries (for the image tower, their pictures), and the stored picture vectors are ranked. The tower
passes if the ten best agree (overlap@10) and a query's own work is still found (recall@10).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Prefetch
from PIL import Image

from museum.images import decoding, storage
from museum.models import Artwork, Description
from search import encoders
from search.encoders import onnx_export
from search.encoders.onnx_encoder import OnnxEncoder
from search.encoders.onnx_export import FP32, IMAGE, INT8, TEXT, Artifact
from search.models import Embedding, EmbeddingModel

MIN_OVERLAP = 0.95
MAX_RECALL_LOSS = 0.005  # of recall@10
DEPTH = 10
# Fewer works prove little: any model finds ten of fifty.
MIN_WORKS = 100
MAX_WORKS = 20_000  # ranked
QUERY_WORKS = 300  # works that queries are made of
# Measure again when the collection has grown by this factor.
REMEASURE_GROWTH = 4
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")


@dataclass(frozen=True)
class Figures:
    """The measurements of one tower, and the precision that follows from them."""

    works: int
    queries: int
    overlap_at_10: float
    recall_at_10_fp32: float
    recall_at_10_int8: float
    least_cosine: float
    passed: bool
    reason: str

    @property
    def precision(self) -> str:
        """The precision that the figures allow."""
        return INT8 if self.passed else FP32


def compare(
    reference: np.ndarray, candidate: np.ndarray, gallery: np.ndarray, own: np.ndarray
) -> Figures:
    """Rank (works, dim) `gallery` for (queries, dim) vectors of both towers, all unit length.

    `own` is (queries,): the row of `gallery` that each query is about.
    """
    by_reference, by_candidate = _best(reference, gallery), _best(candidate, gallery)
    overlap = np.mean(
        [
            len(np.intersect1d(one, other)) / DEPTH
            for one, other in zip(by_reference, by_candidate, strict=True)
        ]
    )
    found, still = (
        float((best == own[:, None]).any(axis=1).mean()) for best in (by_reference, by_candidate)
    )
    reason = ""
    if not overlap >= MIN_OVERLAP:
        reason = f"overlap@10 is {overlap:.3f}, below {MIN_OVERLAP}"
    elif not found - still <= MAX_RECALL_LOSS:
        reason = f"recall@10 falls from {found:.3f} to {still:.3f}, by more than {MAX_RECALL_LOSS}"
    return Figures(
        works=len(gallery),
        queries=len(reference),
        overlap_at_10=round(float(overlap), 4),
        recall_at_10_fp32=round(found, 4),
        recall_at_10_int8=round(still, 4),
        least_cosine=round(float((reference * candidate).sum(axis=1).min()), 5),
        passed=not reason,
        reason=reason,
    )


def prepare(model: EmbeddingModel) -> Artifact | None:
    """Export `model` if necessary, and choose the precision if enough works are embedded.

    Cheap if there is nothing to do. Return None if the model cannot be exported.
    """
    if settings.QUERY_ENCODER == "torch" or not encoders.prepare_queries(model):
        return None
    made = onnx_export.read(model.fingerprint)
    if made is not None and _is_due(model, made):
        try:
            run(model, made)
        except onnx_export.DamagedExportError:
            from search.encoders import onnx_exporter  # noqa: PLC0415 - torch, only when needed

            made = onnx_exporter.ensure(encoders.get_encoder(model), model.name)
            run(model, made)
    return made


def run(model: EmbeddingModel, made: Artifact) -> dict[str, Figures]:
    """Measure both towers, write the choice to `export.json` and to the model's metrics.

    If too few works are embedded, the result is empty and the precision stays fp32.
    """
    rows, gallery = _gallery(model)
    measured: dict[str, Figures] = {}
    if len(rows) >= MIN_WORKS:
        towers = {
            precision: OnnxEncoder(made, {TEXT: precision, IMAGE: precision})
            for precision in (FP32, INT8)
        }
        both = {TEXT: _texts(towers, rows, gallery), IMAGE: _images(towers, rows, gallery)}
        measured = {tower: figures for tower, figures in both.items() if figures}
    for tower in made.towers:
        figures = measured.get(tower)
        made.facts["precision"][tower] = figures.precision if figures else FP32
    made.facts["gate"] = {tower: asdict(figures) for tower, figures in measured.items()}
    made.save()
    onnx_metrics = {key: made.facts[key] for key in ("precision", "gate", "opset", "least_cosine")}
    model.metrics = {**model.metrics, "onnx": onnx_metrics}
    model.save(update_fields=["metrics"])
    return measured


def _is_due(model: EmbeddingModel, made: Artifact) -> bool:
    works = Embedding.objects.filter(model=model, kind=Embedding.Kind.IMAGE).count()
    before = made.facts["gate"].get(TEXT, {}).get("works", 0)
    return min(works, MAX_WORKS) >= (before * REMEASURE_GROWTH if before else MIN_WORKS)


def _best(queries: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Return the rows of the ten nearest of `gallery`, in no order: (queries, 10)."""
    rows = [
        np.argpartition(-(block @ gallery.T), DEPTH - 1, axis=1)[:, :DEPTH]
        for block in np.array_split(queries, max(1, len(queries) // 64))
    ]
    return np.concatenate(rows)


def _gallery(model: EmbeddingModel) -> tuple[list[int], np.ndarray]:
    """Return primary keys of works and their stored picture vectors, (works, dim)."""
    # The order of the picture hashes is random, but the same in each run.
    found = list(
        Embedding.objects.filter(model=model, kind=Embedding.Kind.IMAGE)
        .order_by("source_hash", "pk")
        .values_list("artwork_id", "vector")[:MAX_WORKS]
    )
    rows = [pk for pk, _ in found]
    return rows, np.array([np.asarray(vector, np.float32) for _, vector in found], np.float32)


def _texts(
    towers: dict[str, OnnxEncoder], rows: Sequence[int], gallery: np.ndarray
) -> Figures | None:
    queries = [(row, text) for row, work in _query_works(rows) for text in _queries(work)]
    if not queries:
        return None
    texts = [text for _, text in queries]
    vectors = {precision: tower.encode_texts(texts) for precision, tower in towers.items()}
    return compare(vectors[FP32], vectors[INT8], gallery, np.array([row for row, _ in queries]))


def _images(
    towers: dict[str, OnnxEncoder], rows: Sequence[int], gallery: np.ndarray
) -> Figures | None:
    own: list[int] = []
    vectors: dict[str, list[np.ndarray]] = {precision: [] for precision in towers}
    for row, work in _query_works(rows):
        picture = _picture(work)
        if picture is None:
            continue
        own.append(row)
        for precision, tower in towers.items():
            vectors[precision].append(tower.encode_images([picture])[0])
    if not own:
        return None
    return compare(np.array(vectors[FP32]), np.array(vectors[INT8]), gallery, np.array(own))


def _query_works(rows: Sequence[int]) -> Iterator[tuple[int, Artwork]]:
    """Yield the works to make queries from, with their rows in the gallery."""
    texts = Description.objects.filter(is_approved=True, is_boilerplate=False, language="en")
    works = (
        Artwork.objects.filter(pk__in=rows[:QUERY_WORKS])
        .only("title", "image_sha256")
        .prefetch_related(Prefetch("descriptions", texts.order_by("pk"), to_attr="query_texts"))
    )
    row_of = {pk: row for row, pk in enumerate(rows[:QUERY_WORKS])}
    for work in works.order_by("pk"):
        yield row_of[work.pk], work


def _queries(work: Any) -> list[str]:
    queries = {work.title: None}
    for description in work.query_texts:
        is_alt = description.source == Description.Source.ALT_TEXT
        queries[description.text if is_alt else _SENTENCE_END.split(description.text)[0]] = None
    return [text for text in queries if text.strip()]


def _picture(work: Artwork) -> Image.Image | None:
    try:
        return decoding.decode(storage.read(work.image_sha256))
    except (OSError, decoding.InvalidPictureError):
        return None
