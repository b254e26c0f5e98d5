"""Register embedding models, and choose the active one.

Vectors are only ever compared within one fingerprint. When the weights behind a registered model
change (an upgrade ships a newer checkpoint), no query can be compared with the old vectors any
more. Until the next `embed`, searches match words only and say so. The next `embed` takes the new
fingerprint, deletes the old vectors and makes new ones (`refresh`).
"""

import copy
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from museum.core.caching.memoize import memoized
from museum.core.database import read_replica
from search import encoders
from search.embeddings import hnsw_index, known_models
from search.embeddings.known_models import (
    KnownModel,
    UnknownModelError,
    identify,
)
from search.models import EmbeddingModel

logger = logging.getLogger(__name__)


# The versions of the rows: xmin is the transaction that wrote a row, ctid its position.
_ROWS = """
SELECT current_database(), m.xmin::text, m.ctid::text, t.xmin::text, t.ctid::text
FROM search_embeddingmodel m LEFT JOIN search_embeddingmodel t ON t.id = m.text_model_id
WHERE m.state = %s
"""
_active: tuple[Any, EmbeddingModel] | None = None


def active() -> EmbeddingModel | None:
    """Return the model that answers searches, or None.

    Each search calls this, so the row is read again only after it has changed.
    """
    global _active  # noqa: PLW0603 - one row a process
    rows = _rows(read_replica.is_read())
    if rows is None:
        return None
    if _active is None or _active[0] != rows:
        models = EmbeddingModel.objects.select_related("text_model")
        found = models.filter(state=EmbeddingModel.State.ACTIVE).first()
        if found is None:  # a switch is in progress
            return None
        _active = rows, found
    return copy.copy(_active[1])


@memoized
def _rows(of_replica: bool) -> tuple[str, ...] | None:
    del of_replica  # only separates the cached answers of replica and primary
    with read_replica.connection.cursor() as cursor:
        cursor.execute(_ROWS, [EmbeddingModel.State.ACTIVE])
        return cursor.fetchone()


def standby_models() -> list[EmbeddingModel]:
    """Return the models that are not active but for which new works are embedded."""
    states = [EmbeddingModel.State.EMBEDDING, EmbeddingModel.State.READY]
    return list(EmbeddingModel.objects.filter(state__in=states))


@dataclass(frozen=True)
class ActiveModelChoice:
    """The active model, and the reasons why other models are missing, by name."""

    model: EmbeddingModel
    missing: dict[str, str]


def ensure_active(is_generated: bool, given_up: Collection[str] = ()) -> ActiveModelChoice:
    """Return the active model, or register and activate one suitable for the works.

    Real works need a CLIP, and a sentence encoder for descriptions, which finds more real records
    than full text or a CLIP (docs/search.md). If one of the two cannot be loaded, the other is used
    alone until a later call loads both. Names in `given_up` are not tried. Raises
    `EncoderUnavailableError` if none can be loaded.
    """
    model = active()
    if is_generated:
        return ActiveModelChoice(model or activate_if_first(register(known_models.DEMO.name)), {})
    missing: dict[str, str] = {}

    def loaded(known: KnownModel) -> EmbeddingModel | None:
        try:
            return None if known.name in given_up else register(known.name)
        except encoders.EncoderUnavailableError as error:
            missing[known.name] = str(error)
            return None

    lacking = incomplete(model)
    if known_models.DEFAULT in lacking and (clip := loaded(known_models.DEFAULT)):
        model = activate_if_first(clip) if model is None else _take_over(clip, model)
    if known_models.SENTENCE_ENCODER in lacking and (
        other := loaded(known_models.SENTENCE_ENCODER)
    ):
        model = _add_sentence_encoder(model, other) if model else activate_if_first(other)
    if model is None:
        raise encoders.EncoderUnavailableError(
            missing.get(known_models.DEFAULT.name, f"{known_models.DEFAULT.name} was given up")
        )
    return ActiveModelChoice(model, missing)


def incomplete(model: EmbeddingModel | None) -> list[KnownModel]:
    """Return the models for real works that are not registered yet; `model` is the active one.

    If somebody has chosen another model, nothing is missing.
    """
    if model is None:
        return [known_models.DEFAULT, known_models.SENTENCE_ENCODER]
    other = {
        known_models.DEFAULT.name: known_models.SENTENCE_ENCODER,
        known_models.SENTENCE_ENCODER.name: known_models.DEFAULT,
    }.get(model.name)
    if other is None or EmbeddingModel.objects.filter(name=other.name).exists():
        return []
    return [other]


def _take_over(clip: EmbeddingModel, sentences: EmbeddingModel) -> EmbeddingModel:
    """Activate `clip` instead of the sentence encoder, which goes on encoding descriptions."""
    EmbeddingModel.objects.filter(pk=clip.pk).update(text_model=sentences)
    return activate(clip)


def _add_sentence_encoder(model: EmbeddingModel, other: EmbeddingModel) -> EmbeddingModel:
    # From now on new works are embedded for it; it is used once it is ready.
    mark_embedding(other)
    EmbeddingModel.objects.filter(pk=model.pk).update(text_model=other)
    model.text_model = other
    return model


def get_registered(name: str) -> EmbeddingModel:
    """Return the registered model of this name. Raises `UnknownModelError`."""
    model = EmbeddingModel.objects.filter(name=name).first()
    if model is None:
        names = ", ".join(EmbeddingModel.objects.values_list("name", flat=True)) or "none"
        raise UnknownModelError(
            f"no model {name!r} is registered (registered: {names}); manage.py embed --model NAME "
            "registers one and makes its vectors"
        )
    return model


def register(spec: str) -> EmbeddingModel:
    """Return the model that `spec` identifies, registered from its encoder if it is new.

    `spec` is the name of a registered or known model, `architecture/hub-tag` of open_clip, or the
    folder of a local checkpoint. Raises `UnknownModelError`, or `EncoderUnavailableError`.
    """
    known = identify(spec)
    found = EmbeddingModel.objects.filter(name=known.name).first()
    if found:
        return found
    model = EmbeddingModel(
        name=known.name,
        architecture=known.architecture,
        pretrained=known.pretrained,
        checkpoint=known.checkpoint,
        licence=known.licence,
        is_synthetic=known.is_synthetic,
        dimension=1,
    )
    encoder = encoders.get_encoder(model)
    model.licence = model.licence or encoders.licence(model)
    facts = {"fingerprint": encoder.fingerprint, "dimension": encoder.dim}
    identity = {
        field: getattr(model, field)
        for field in ("architecture", "pretrained", "checkpoint", "licence", "is_synthetic")
    }
    # If two processes register the same model at once, both get the same row.
    return EmbeddingModel.objects.get_or_create(name=known.name, defaults={**identity, **facts})[0]


@transaction.atomic
def activate(model: EmbeddingModel) -> EmbeddingModel:
    """Make `model` the active model, in one transaction; the previous one stays ready."""
    lock()
    now_active = EmbeddingModel.objects.filter(state=EmbeddingModel.State.ACTIVE)
    now_active.exclude(pk=model.pk).update(state=EmbeddingModel.State.READY)
    EmbeddingModel.objects.filter(pk=model.pk).update(
        state=EmbeddingModel.State.ACTIVE, activated_at=timezone.now()
    )
    model.refresh_from_db()
    return model


def lock() -> None:
    """Lock the states of all models until the end of this transaction."""
    # Rows are locked in a fixed order, so that two switches at once do not deadlock.
    list(EmbeddingModel.objects.select_for_update().order_by("pk").values_list("pk"))


@transaction.atomic
def activate_if_first(model: EmbeddingModel) -> EmbeddingModel:
    """Activate `model` unless another is active; return the active one."""
    lock()
    return active() or activate(model)


def mark_embedding(model: EmbeddingModel) -> None:
    """Mark a new or retired model as being embedded."""
    _move(model, EmbeddingModel.State.DRAFT, EmbeddingModel.State.EMBEDDING)
    _move(model, EmbeddingModel.State.RETIRED, EmbeddingModel.State.EMBEDDING)


def mark_ready(model: EmbeddingModel) -> None:
    """Mark a model with all its vectors and indexes as ready for activation."""
    _move(model, EmbeddingModel.State.EMBEDDING, EmbeddingModel.State.READY)


def _move(model: EmbeddingModel, before: str, after: str) -> None:
    # Conditional, so that an active model stays active while works are embedded for it.
    EmbeddingModel.objects.filter(pk=model.pk, state=before).update(state=after)


def refresh(model: EmbeddingModel) -> encoders.Encoder:
    """Return the encoder of `model`; if the weights have changed, delete the old vectors.

    Raises `EncoderUnavailableError`.
    """
    # Without a fingerprint, the encoder loads the current weights.
    unbound = EmbeddingModel(
        name=model.name,
        architecture=model.architecture,
        pretrained=model.pretrained,
        checkpoint=model.checkpoint,
    )
    encoder = encoders.get_encoder(unbound)
    if (encoder.fingerprint, encoder.dim) != (model.fingerprint, model.dimension):
        _replace_weights(model, encoder)
    # Before the first vector is written, so that every web process can query the vectors.
    encoders.prepare_queries(model)
    return encoder


@transaction.atomic
def _replace_weights(model: EmbeddingModel, encoder: encoders.Encoder) -> None:
    locked = EmbeddingModel.objects.select_for_update().get(pk=model.pk)
    if locked.fingerprint != encoder.fingerprint:
        logger.warning("The weights of %s have changed: its vectors are made again", model.name)
        locked.embeddings.all().delete()
        if locked.dimension != encoder.dim:
            hnsw_index.drop(locked)
        locked.fingerprint, locked.dimension = encoder.fingerprint, encoder.dim
        locked.save(update_fields=["fingerprint", "dimension"])
    model.refresh_from_db()
