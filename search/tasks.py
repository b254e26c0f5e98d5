"""Celery tasks of search: vectors and indexes for works, and the purge of the query log.

A task takes primary keys, reads the rows again and does what is missing, so it can run twice.
"""

import logging
from collections.abc import Sequence
from typing import Any

from celery import shared_task
from django.db import OperationalError

from search.analytics import query_log
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
    """Make the missing vectors of the works with these primary keys, and delete outdated ones.

    A vector whose source has not changed stays. Each batch of works is written in one transaction,
    so an interrupted task leaves whole works. Returns `{"embedded", "unchanged", "failed":
    [{"artic_id", "reason", "message"}]}`: the number of works with new vectors, the number that
    needed none, and the failures. A reason is "picture", or "synthetic" for a real work refused by
    a model trained on generated pictures (unless `force`).

    Raises `EncoderUnavailableError` and `NoActiveModelError`.
    """
    model = resolve_model(model_id)
    return embed(ids, model, registry.refresh(model), force=force)


@shared_task(name="search.tasks.build_indexes")
def build_indexes(model_id: int) -> list[str]:
    """Build the missing vector indexes of the model; return their names.

    Then choose the precision of its query encoder. If no vector is missing, the model is ready.
    """
    from search.encoders import int8_gate  # noqa: PLC0415 - onnxruntime, only when needed

    model = EmbeddingModel.objects.get(pk=model_id)
    built = hnsw_index.ensure(model)
    int8_gate.prepare(model)
    if not coverage.gaps(model).lacking:
        registry.mark_ready(model)
    return built


@shared_task(name="search.querylog.purge", ignore_result=True)
def purge_query_log() -> int:
    """Delete searches older than `QUERY_LOG_DAYS`; return how many."""
    return query_log.purge()
