"""Rows to vectors. A task takes primary keys, reads the rows again, and does what is missing."""

import logging
from collections.abc import Sequence
from typing import Any

from celery import shared_task
from django.db import OperationalError

from search.embeddings import coverage, hnsw_index, registry
from search.embeddings.embed import embed, resolve_model
from search.models import EmbeddingModel

logger = logging.getLogger(__name__)


@shared_task(
    name="search.tasks.embed_artworks",
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=3,
)
def embed_artworks(
    ids: Sequence[int], model_id: int | None = None, force: bool = False
) -> dict[str, Any]:
    """Give the works with these primary keys the vectors they lack; drop those they outgrew.

    A vector whose source has not changed is kept. Each batch of works is written in one
    transaction, so a killed task leaves whole works. Returns `{"embedded", "unchanged", "failed":
    [{"artic_id", "reason", "message"}]}`: works given new vectors, works that needed none, and
    what could not be done ("picture", or "synthetic" for real works refused by a model trained on
    generated pictures, unless `force`). Raises `EncoderUnavailableError` and `NoActiveModelError`.
    """
    model = resolve_model(model_id)
    return embed(ids, model, registry.refresh(model), force=force)


@shared_task(name="search.tasks.build_indexes")
def build_indexes(model_id: int) -> list[str]:
    """Build the vector indexes that the model lacks; return their names.

    Then, with the vectors there, choose the precision in which its queries are encoded. With no
    vector missing, the model is ready.
    """
    from search.encoders import int8_gate  # noqa: PLC0415 - onnxruntime, only when needed

    model = EmbeddingModel.objects.get(pk=model_id)
    built = hnsw_index.ensure(model)
    int8_gate.prepare(model)
    if not coverage.gaps(model).lacking:
        registry.mark_ready(model)
    return built
