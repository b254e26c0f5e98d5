"""Embed pictures and passages of works, batch by batch."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction

from museum.images import decoding
from museum.models import Artwork, Description, ImageStatus
from search import encoders
from search.embeddings import known_models, registry
from search.embeddings.passages import passages
from search.embeddings.pending import searchable_texts, text_hash
from search.embeddings.prefetch import Ahead, Pace
from search.encoders import families
from search.models import Embedding, EmbeddingModel

# What tells one vector from another of the same work and model; `source_hash` is the last.
Key = tuple[str, int, int | None, int, int, str]


class NoModel(Exception):  # noqa: N818 - reads as what it is
    """There is no embedding model to work with; the message says the mend."""


@dataclass
class Wanted:
    """One vector that a work should have, and what to encode for it."""

    kind: str
    part: int
    source_hash: str
    text: str = ""
    description_id: int | None = None
    start: int = 0
    end: int = 0
    vector: Any = None

    @property
    def key(self) -> Key:
        """Return what tells it from others of the work."""
        return (
            self.kind,
            self.part,
            self.description_id,
            self.start,
            self.end,
            self.source_hash,
        )


@dataclass
class Plan:
    """What is to be done for one work."""

    work: Artwork
    wanted: list[Wanted] = field(default_factory=list)
    made: list[Embedding] = field(default_factory=list)
    # The picture's input for the model, on its way.
    coming: Future[Any] | None = None

    @property
    def is_done(self) -> bool:
        """Whether the work has exactly what it should have."""
        return {wanted.key for wanted in self.wanted} == {_key(row) for row in self.made}

    @property
    def is_news(self) -> bool:
        """Whether what could be encoded differs from what the work has."""
        ready = {wanted.key for wanted in self.wanted if wanted.vector is not None}
        return ready != {_key(row) for row in self.made}


def embed(
    ids: Sequence[int],
    model: EmbeddingModel,
    encoder: encoders.Encoder,
    *,
    force: bool = False,
    pace: Pace | None = None,
    watch: Callable[[int], Any] = lambda number: None,
) -> dict[str, Any]:
    """Do what `embed_artworks` says, in this process; `watch` hears how many works are done.

    While the model is at one batch, the pictures of the next are decoded.
    """
    done: dict[str, Any] = {"embedded": 0, "unchanged": 0, "failed": []}
    pace = pace or Pace()
    with Ahead(encoder) as ahead:
        ready: list[Plan] | None = None
        for batch in [*batches(sorted(set(ids))), None]:
            coming = None
            if batch is not None:
                coming = _begin(batch, model, encoder, done, ahead, force=force)
            if ready is not None:
                _complete(ready, model, encoder, done, pace)
                watch(len(ready))
            if batch is not None and coming is not None:
                watch(len(batch) - len(coming))
            ready = coming
    return done


def _model(model_id: int | None) -> EmbeddingModel:
    if model_id is not None:
        return EmbeddingModel.objects.get(pk=model_id)
    model = registry.active()
    if model is None:
        raise NoModel("No model is active: run manage.py embed --model NAME --activate")
    return model


def _begin(
    ids: Sequence[int],
    model: EmbeddingModel,
    encoder: encoders.Encoder,
    done: dict[str, Any],
    ahead: Ahead,
    *,
    force: bool,
) -> list[Plan]:
    """Return what is to be done for these works, the decoding of their pictures begun."""
    plans = _plans(ids, model, encoder)
    changed = [plan for plan in plans if not plan.is_done]
    done["unchanged"] += len(plans) - len(changed)
    if model.is_synthetic and not force:
        done["failed"] += [_refusal(plan.work, model) for plan in changed if _is_real(plan)]
        changed = [plan for plan in changed if not _is_real(plan)]
    for plan in changed:
        for wanted in plan.wanted:
            if wanted.kind == Embedding.Kind.IMAGE and wanted.vector is None:
                plan.coming = ahead.begin(wanted.source_hash)
    return changed


def _complete(
    changed: list[Plan],
    model: EmbeddingModel,
    encoder: encoders.Encoder,
    done: dict[str, Any],
    pace: Pace,
) -> None:
    done["failed"] += _encode_pictures(changed, encoder, pace)
    began = time.perf_counter()
    _encode_passages(changed, encoder)
    pace.text_s += time.perf_counter() - began
    news = [plan for plan in changed if plan.is_news]
    _write(news, model)
    done["embedded"] += sum(any(w.vector is not None for w in plan.wanted) for plan in news)


def _is_real(plan: Plan) -> bool:
    return bool(plan.wanted) and not plan.work.is_generated


def _refusal(work: Artwork, model: EmbeddingModel) -> dict[str, Any]:
    return {
        "artic_id": work.artic_id,
        "reason": "synthetic",
        "message": f"{model.name} was trained on generated pictures alone, so it is not used on "
        "real works. Activate another model (manage.py embed --model "
        f"{known_models.DEFAULT.name} --activate), or embed with --force to see for yourself.",
    }


# --- What a work should have, and what it has -----------------------------------------------------
def _plans(ids: Sequence[int], model: EmbeddingModel, encoder: encoders.Encoder) -> list[Plan]:
    """Compare what each work should have with what it has; vectors that still hold are reused."""
    plans = {
        work.pk: Plan(work)
        for work in Artwork.objects.filter(pk__in=ids, withdrawn_at__isnull=True)
        .only("artic_id", "title", "is_generated", "image_status", "image_sha256")
        .order_by("pk")
    }
    for plan in plans.values() if Embedding.Kind.IMAGE in families.of(model).kinds else ():
        plan.wanted += _picture(plan.work)
    texts = Description.objects.filter(searchable_texts(), artwork__in=plans)
    for text in texts.only("text", "artwork_id").order_by("artwork_id", "source", "language", "pk"):
        plan = plans[text.artwork_id]
        plan.wanted += _passages(text, encoder, sum(w.kind == "text" for w in plan.wanted))
    for row in Embedding.objects.filter(model=model, artwork__in=plans):
        plans[row.artwork_id].made.append(row)
    for plan in plans.values():
        _reuse(plan)
    return list(plans.values())


def _picture(work: Artwork) -> list[Wanted]:
    if work.image_status != ImageStatus.STORED:
        return []
    return [Wanted(Embedding.Kind.IMAGE.value, 0, work.image_sha256)]


def _passages(text: Description, encoder: encoders.Encoder, first: int) -> list[Wanted]:
    cut = passages(text.text, lambda s: encoder.count_tokens(s) <= encoder.context_length)
    return [
        Wanted(
            Embedding.Kind.TEXT.value,
            part,
            text_hash(text.text, passage.text),
            text=passage.text,
            description_id=text.pk,
            start=passage.start,
            end=passage.end,
        )
        for part, passage in enumerate(cut, start=first)
    ]


def _key(row: Embedding) -> Key:
    return (row.kind, row.part, row.description_id, row.start, row.end, row.source_hash)


def _source(kind: str, source_hash: str) -> tuple[str, str]:
    # Of a text vector's hash, the second half names the passage itself.
    return kind, source_hash[-32:] if kind == Embedding.Kind.TEXT else source_hash


def _reuse(plan: Plan) -> None:
    vectors = {_source(row.kind, row.source_hash): row.vector for row in plan.made}
    for wanted in plan.wanted:
        wanted.vector = vectors.get(_source(wanted.kind, wanted.source_hash))


# --- Encoding and writing -------------------------------------------------------------------------
def _encode_pictures(
    plans: list[Plan], encoder: encoders.Encoder, pace: Pace
) -> list[dict[str, Any]]:
    """Encode the pictures that are missing; return what could not be read."""
    failed = []
    readable: list[tuple[Wanted, Any]] = []
    for plan in plans:
        if plan.coming is None:
            continue
        wanted = next(wanted for wanted in plan.wanted if wanted.kind == Embedding.Kind.IMAGE)
        try:
            readable.append((wanted, plan.coming.result()))
        except (OSError, decoding.InvalidPicture) as error:
            failed.append(_unreadable(plan.work, error))
    prepared = [picture for _, picture in readable]
    vectors = encoder.encode_images(prepared)
    if prepared:
        pace.pictures, pace.sample = pace.pictures + len(prepared), prepared
    for (wanted, _), vector in zip(readable, vectors, strict=True):
        wanted.vector = vector
    return failed


def _unreadable(work: Artwork, error: Exception) -> dict[str, Any]:
    lost = isinstance(error, FileNotFoundError)
    message = "its stored picture is gone from the storage" if lost else str(error)
    return {"artic_id": work.artic_id, "reason": "picture", "message": f"{work.title}: {message}"}


def _encode_passages(plans: list[Plan], encoder: encoders.Encoder) -> None:
    missing = [
        wanted
        for plan in plans
        for wanted in plan.wanted
        if wanted.kind == Embedding.Kind.TEXT and wanted.vector is None
    ]
    vectors = encoder.encode_texts([wanted.text for wanted in missing])
    for wanted, vector in zip(missing, vectors, strict=True):
        wanted.vector = vector


@transaction.atomic
def _write(plans: list[Plan], model: EmbeddingModel) -> None:
    """Replace the vectors of these works that changed, unless work or text has gone meanwhile.

    The rows are locked in one order, so two workers with the same work write one after another.
    """
    works = {plan.work.pk: plan for plan in plans}
    still = Artwork.objects.select_for_update(no_key=True).filter(pk__in=works).order_by("pk")
    there = set(still.values_list("pk", flat=True))
    texts = set(
        Description.objects.select_for_update(no_key=True)
        .filter(artwork__in=there)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    wanted_keys = {(pk, wanted.key) for pk in there for wanted in works[pk].wanted}
    made = Embedding.objects.filter(model=model, artwork__in=there).defer("vector")
    rows = {row.pk: (row.artwork_id, _key(row)) for row in made}
    # What still holds keeps its row, and so its place in the vector index.
    Embedding.objects.filter(
        pk__in=[pk for pk, key in rows.items() if key not in wanted_keys]
    ).delete()
    kept = wanted_keys.intersection(rows.values())
    Embedding.objects.bulk_create(
        Embedding(
            artwork_id=pk,
            model=model,
            kind=wanted.kind,
            part=wanted.part,
            description_id=wanted.description_id,
            start=wanted.start,
            end=wanted.end,
            source_hash=wanted.source_hash,
            vector=wanted.vector,
        )
        for pk in sorted(there)
        for wanted in works[pk].wanted
        if wanted.vector is not None
        and (pk, wanted.key) not in kept
        and (wanted.description_id is None or wanted.description_id in texts)
    )


def batches(ids: Sequence[int], size: int | None = None) -> Iterator[Sequence[int]]:
    """Yield `ids` in pieces; by default of as many works as are written in one transaction."""
    size = size or settings.EMBED_BATCH_SIZE
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
