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
from search.embeddings.prefetch import PicturePrefetcher, Throughput
from search.encoders import families
from search.models import Embedding, EmbeddingModel

# Identifies a vector among those of the same work and model; the last item is `source_hash`.
Key = tuple[str, int, int | None, int, int, str]


class NoActiveModelError(Exception):
    """No model is active; the message says how to activate one."""


@dataclass
class ExpectedVector:
    """A vector that a work should have, and its input."""

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
        """The key of the vector among those of the work."""
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
    """The vectors that one work should have, and those that it has."""

    work: Artwork
    expected: list[ExpectedVector] = field(default_factory=list)
    existing: list[Embedding] = field(default_factory=list)
    # The model's input of the picture, being prepared.
    picture_input: Future[Any] | None = None

    @property
    def is_done(self) -> bool:
        """Whether the work has exactly the expected vectors."""
        return {expected.key for expected in self.expected} == {_key(row) for row in self.existing}

    @property
    def has_changes(self) -> bool:
        """Whether the vectors that could be encoded differ from the existing ones."""
        ready = {expected.key for expected in self.expected if expected.vector is not None}
        return ready != {_key(row) for row in self.existing}


def embed(
    ids: Sequence[int],
    model: EmbeddingModel,
    encoder: encoders.Encoder,
    *,
    force: bool = False,
    throughput: Throughput | None = None,
    watch: Callable[[int], Any] = lambda number: None,
) -> dict[str, Any]:
    """Embed works as `search.tasks.embed_artworks` does, in this process.

    `watch` is called with the number of works done. While the model encodes one batch, threads
    decode the pictures of the next.
    """
    done: dict[str, Any] = {"embedded": 0, "unchanged": 0, "failed": []}
    throughput = throughput or Throughput()
    with PicturePrefetcher(encoder) as prefetcher:
        ready: list[Plan] | None = None
        for batch in [*batches(sorted(set(ids))), None]:
            plans = None
            if batch is not None:
                plans = _begin(batch, model, encoder, done, prefetcher, force=force)
            if ready is not None:
                _complete(ready, model, encoder, done, throughput)
                watch(len(ready))
            if batch is not None and plans is not None:
                watch(len(batch) - len(plans))
            ready = plans
    return done


def resolve_model(model_id: int | None) -> EmbeddingModel:
    if model_id is not None:
        return EmbeddingModel.objects.get(pk=model_id)
    model = registry.active()
    if model is None:
        raise NoActiveModelError("No model is active: run manage.py embed --model NAME --activate")
    return model


def _begin(
    ids: Sequence[int],
    model: EmbeddingModel,
    encoder: encoders.Encoder,
    done: dict[str, Any],
    prefetcher: PicturePrefetcher,
    *,
    force: bool,
) -> list[Plan]:
    """Return the plans of the works to embed, and start to decode their pictures."""
    plans = _plans(ids, model, encoder)
    changed = [plan for plan in plans if not plan.is_done]
    done["unchanged"] += len(plans) - len(changed)
    if model.is_synthetic and not force:
        done["failed"] += [_refusal(plan.work, model) for plan in changed if _is_real(plan)]
        changed = [plan for plan in changed if not _is_real(plan)]
    for plan in changed:
        for expected in plan.expected:
            if expected.kind == Embedding.Kind.IMAGE and expected.vector is None:
                plan.picture_input = prefetcher.submit(expected.source_hash)
    return changed


def _complete(
    changed: list[Plan],
    model: EmbeddingModel,
    encoder: encoders.Encoder,
    done: dict[str, Any],
    throughput: Throughput,
) -> None:
    done["failed"] += _encode_pictures(changed, encoder, throughput)
    started = time.perf_counter()
    _encode_passages(changed, encoder)
    throughput.text_s += time.perf_counter() - started
    updates = [plan for plan in changed if plan.has_changes]
    _write(updates, model)
    done["embedded"] += sum(any(w.vector is not None for w in plan.expected) for plan in updates)


def _is_real(plan: Plan) -> bool:
    return bool(plan.expected) and not plan.work.is_generated


def _refusal(work: Artwork, model: EmbeddingModel) -> dict[str, Any]:
    return {
        "artic_id": work.artic_id,
        "reason": "synthetic",
        "message": f"{model.name} was trained on generated pictures alone, so it is not used on "
        "real works. Activate another model (manage.py embed --model "
        f"{known_models.DEFAULT.name} --activate), or embed with --force to see for yourself.",
    }


# --- Expected and existing vectors ----------------------------------------------------------------
def _plans(ids: Sequence[int], model: EmbeddingModel, encoder: encoders.Encoder) -> list[Plan]:
    """Compare the expected with the existing vectors of each work; reuse those still valid."""
    plans = {
        work.pk: Plan(work)
        for work in Artwork.objects.filter(pk__in=ids, withdrawn_at__isnull=True)
        .only("artic_id", "title", "is_generated", "image_status", "image_sha256")
        .order_by("pk")
    }
    for plan in plans.values() if Embedding.Kind.IMAGE in families.family_of(model).kinds else ():
        plan.expected += _picture(plan.work)
    texts = Description.objects.filter(searchable_texts(), artwork__in=plans)
    for text in texts.only("text", "artwork_id").order_by("artwork_id", "source", "language", "pk"):
        plan = plans[text.artwork_id]
        plan.expected += _passages(text, encoder, sum(w.kind == "text" for w in plan.expected))
    for row in Embedding.objects.filter(model=model, artwork__in=plans):
        plans[row.artwork_id].existing.append(row)
    for plan in plans.values():
        _reuse(plan)
    return list(plans.values())


def _picture(work: Artwork) -> list[ExpectedVector]:
    if work.image_status != ImageStatus.STORED:
        return []
    return [ExpectedVector(Embedding.Kind.IMAGE.value, 0, work.image_sha256)]


def _passages(text: Description, encoder: encoders.Encoder, first: int) -> list[ExpectedVector]:
    cut = passages(text.text, lambda s: encoder.count_tokens(s) <= encoder.context_length)
    return [
        ExpectedVector(
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
    # The second half of a text vector's hash is that of the passage.
    return kind, source_hash[-32:] if kind == Embedding.Kind.TEXT else source_hash


def _reuse(plan: Plan) -> None:
    vectors = {_source(row.kind, row.source_hash): row.vector for row in plan.existing}
    for expected in plan.expected:
        expected.vector = vectors.get(_source(expected.kind, expected.source_hash))


# --- Encoding and writing -------------------------------------------------------------------------
def _encode_pictures(
    plans: list[Plan], encoder: encoders.Encoder, throughput: Throughput
) -> list[dict[str, Any]]:
    """Encode the missing pictures; return failures for those that could not be read."""
    failed = []
    readable: list[tuple[ExpectedVector, Any]] = []
    for plan in plans:
        if plan.picture_input is None:
            continue
        expected = next(
            expected for expected in plan.expected if expected.kind == Embedding.Kind.IMAGE
        )
        try:
            readable.append((expected, plan.picture_input.result()))
        except (OSError, decoding.InvalidPictureError) as error:
            failed.append(_unreadable(plan.work, error))
    prepared = [picture for _, picture in readable]
    vectors = encoder.encode_images(prepared)
    if prepared:
        throughput.pictures, throughput.sample = throughput.pictures + len(prepared), prepared
    for (expected, _), vector in zip(readable, vectors, strict=True):
        expected.vector = vector
    return failed


def _unreadable(work: Artwork, error: Exception) -> dict[str, Any]:
    lost = isinstance(error, FileNotFoundError)
    message = "its stored picture is gone from the storage" if lost else str(error)
    return {"artic_id": work.artic_id, "reason": "picture", "message": f"{work.title}: {message}"}


def _encode_passages(plans: list[Plan], encoder: encoders.Encoder) -> None:
    missing = [
        expected
        for plan in plans
        for expected in plan.expected
        if expected.kind == Embedding.Kind.TEXT and expected.vector is None
    ]
    vectors = encoder.encode_texts([expected.text for expected in missing])
    for expected, vector in zip(missing, vectors, strict=True):
        expected.vector = vector


@transaction.atomic
def _write(plans: list[Plan], model: EmbeddingModel) -> None:
    """Replace the changed vectors of these works, unless a work or text was deleted meanwhile.

    Rows are locked in a fixed order, so that two workers with the same work do not deadlock.
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
    expected_keys = {(pk, expected.key) for pk in there for expected in works[pk].expected}
    existing = Embedding.objects.filter(model=model, artwork__in=there).defer("vector")
    rows = {row.pk: (row.artwork_id, _key(row)) for row in existing}
    # What still holds keeps its row, and so its place in the vector index.
    Embedding.objects.filter(
        pk__in=[pk for pk, key in rows.items() if key not in expected_keys]
    ).delete()
    unchanged_keys = expected_keys.intersection(rows.values())
    Embedding.objects.bulk_create(
        Embedding(
            artwork_id=pk,
            model=model,
            kind=expected.kind,
            part=expected.part,
            description_id=expected.description_id,
            start=expected.start,
            end=expected.end,
            source_hash=expected.source_hash,
            vector=expected.vector,
        )
        for pk in sorted(there)
        for expected in works[pk].expected
        if expected.vector is not None
        and (pk, expected.key) not in unchanged_keys
        and (expected.description_id is None or expected.description_id in texts)
    )


def batches(ids: Sequence[int], size: int | None = None) -> Iterator[Sequence[int]]:
    """Yield `ids` in batches of `size`, by default EMBED_BATCH_SIZE."""
    size = size or settings.EMBED_BATCH_SIZE
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
