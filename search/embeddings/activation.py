"""The states of a model: draft → embedding → ready → active → ready again, or retired.

`embed` takes a model to ready. While it is ready or active, new works are embedded for it
(ingest/pipeline/steps.py), so that `activate` loses no work and `rollback` needs no embedding. A
search reads the active model once, so a switch, which updates one row, never affects a search
that has already begun.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from search.embeddings import coverage, hnsw_index, registry
from search.embeddings.model_comparison import Comparison, compare
from search.encoders import families, onnx_export
from search.models import Embedding, EmbeddingModel, experiments

State = EmbeddingModel.State
# Vectors deleted in one transaction. It takes about a second, so that other writers wait briefly.
DELETED_AT_ONCE = 5_000


class ActivationRefusedError(Exception):
    """The model may not be activated; the message says why, and how to correct it."""


@dataclass(frozen=True)
class Switch:
    """A switch of the active model from `before` to `after`; `figure` compares the two."""

    after: EmbeddingModel
    before: EmbeddingModel | None
    figure: Comparison | None = None


def activate(model: EmbeddingModel, *, force: bool = False) -> Switch:
    """Prepare `model` and let it answer searches.

    Exports and gates its towers, builds its indexes beside the running searches, and switches in
    one transaction. Must not be called in a transaction.

    Raises `ActivationRefusedError` if works would be lost or, unless `force`, if the model scores
    lower than the active one or leaves out real works. Raises `EncoderUnavailableError`.
    """
    prepare(model, force=force)
    return switch(model, force=force)


def prepare(model: EmbeddingModel, *, force: bool = False) -> None:
    """Export and gate the towers of `model` and build its indexes, so that it is ready.

    Raises the same errors as `activate`. Must not be called in a transaction.
    """
    from search.encoders import int8_gate  # noqa: PLC0415 - onnxruntime, only when needed

    model.refresh_from_db()
    refuse_gaps(model, force=force)
    if int8_gate.prepare(model) is None and settings.QUERY_ENCODER != "torch":
        raise ActivationRefusedError(
            f"{model} cannot be exported for the web processes; the log says why. "
            "QUERY_ENCODER=torch lets them use torch instead"
        )
    hnsw_index.ensure(model)
    registry.mark_ready(model)


def compare_descriptions(model: EmbeddingModel, by: EmbeddingModel | None) -> None:
    """Let `by` encode descriptions in searches that `model` answers; None means `model` itself.

    Prepare it as `activate` does, and raise the same errors.
    """
    if by is not None and by != model:
        prepare(by)
        by.refresh_from_db()
        if by.state != State.READY:
            raise ActivationRefusedError(f"{by} is {by.state}: choose another model that is ready")
    model.text_model = by if by != model else None
    model.save(update_fields=["text_model"])


def switch(model: EmbeddingModel, *, force: bool = False) -> Switch:
    """Make the prepared `model` the active one, in one transaction.

    Raises `ActivationRefusedError`.
    """
    with transaction.atomic():
        registry.lock()
        model.refresh_from_db()
        before = registry.active()
        refuse_unprepared(model)
        figure = compare(model, before) if before and before != model else None
        if figure and figure.is_drop and not force:
            raise ActivationRefusedError(
                f"{model} scores lower than {before}: its {figure}. --force activates it anyway"
            )
        if before != model:
            experiments.end_experiments()
        return Switch(registry.activate(model), before, figure)


def rollback() -> Switch:
    """Activate the model that was active before, at once. A second rollback undoes the first.

    Raises `ActivationRefusedError`.
    """
    with transaction.atomic():
        registry.lock()
        model = previous()
        before = registry.active()
        refuse_unprepared(model)
        experiments.end_experiments()
        return Switch(registry.activate(model), before)


def previous() -> EmbeddingModel:
    """Return the model to roll back to. Raises `ActivationRefusedError` if there is none."""
    ready = EmbeddingModel.objects.filter(state=State.READY, activated_at__isnull=False)
    model = ready.order_by("-activated_at").first()
    if model is None:
        raise ActivationRefusedError("no earlier model is still ready")
    return model


def retire(model: EmbeddingModel, watch: Callable[[int], Any] = lambda number: None) -> int:
    """Delete the vectors and indexes of `model`, and return the number of vectors.

    `watch` is called with the number deleted in each transaction. After an interruption, a second
    call deletes the rest. Raises `ActivationRefusedError` for the active model. Must not be called
    in a transaction.
    """
    with transaction.atomic():
        registry.lock()
        model.refresh_from_db()
        if model.state == State.ACTIVE:
            raise ActivationRefusedError(f"{model} is active: activate another model first")
        EmbeddingModel.objects.filter(pk=model.pk).update(state=State.RETIRED)
        experiments.end_experiments(candidate=model)
    # Drop the indexes first; otherwise Postgres would repair their graphs after each deletion.
    hnsw_index.drop_concurrently(model)
    vectors = 0
    while number := _delete_some(model):
        vectors += number
        watch(number)
    model.refresh_from_db()
    return vectors


def refuse_gaps(
    model: EmbeddingModel,
    *,
    force: bool = False,
    count: Callable[[EmbeddingModel], coverage.Gaps] = coverage.gaps,
) -> None:
    """Raise `ActivationRefusedError` if `model` lacks vectors of works that it should find."""
    if model.state in {State.DRAFT, State.RETIRED}:
        raise ActivationRefusedError(
            f"{model} has no vectors: run manage.py embed --model {model} first"
        )
    gaps = count(model)
    if gaps.lacking:
        raise ActivationRefusedError(
            f"{model} lacks vectors of {gaps.lacking} works: run manage.py embed --model {model}"
        )
    if gaps.left_out and not force:
        raise ActivationRefusedError(
            f"{model} was trained on generated pictures alone and leaves out {gaps.left_out} real "
            "works. Choose another model, or --force to search without them"
        )


def refuse_unprepared(model: EmbeddingModel) -> None:
    """Raise `ActivationRefusedError` unless `model` is ready, exported and indexed."""
    remedy = f"run manage.py activate {model}"
    if model.state not in {State.READY, State.ACTIVE}:
        raise ActivationRefusedError(
            f"{model} is not ready but {model.state}: run manage.py embed --model {model} first"
        )
    if any(hnsw_index.rows(model, kind) is None for kind in families.family_of(model).kinds):
        raise ActivationRefusedError(f"{model} has no indexes: {remedy}")
    if settings.QUERY_ENCODER != "torch" and not _is_exported(model):
        raise ActivationRefusedError(f"{model} is not exported for the web processes: {remedy}")


def _is_exported(model: EmbeddingModel) -> bool:
    with contextlib.suppress(onnx_export.DamagedExportError):
        return onnx_export.read(model.fingerprint) is not None
    return False


def _delete_some(model: EmbeddingModel) -> int:
    some = Embedding.objects.filter(model=model).values("pk")[:DELETED_AT_ONCE]
    return Embedding.objects.filter(pk__in=some).delete()[0]
