"""Answers that were made a moment ago, kept until what they were made of changes.

Visitors ask the same: the examples of the home page, a page gone back to, what is in the news. Kept
is which works stand where; the website reads the works themselves anew each time. The API also
keeps what it said of them: proxies keep that much longer (`API_CACHE_SECONDS`).
"""

import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from django.core.cache import cache

from museum.core.caching import typed_cache
from museum.core.text.lazy import Message
from search.engine import data_version
from search.engine.results import Answer, Place
from search.models import EmbeddingModel
from search.query.query import Query

ANSWER_TTL_SECONDS = 600
TTL_SPREAD = 0.2  # of that: what was made in one minute is not made again in one
T = TypeVar("T")


@dataclass(frozen=True)
class AnswerEntry:
    """A complete `Answer` as the cache holds it: models by their numbers."""

    places: list[Place]
    count: int
    warnings: list[Message]
    vector: np.ndarray | None
    asked: dict[str, tuple[int, np.ndarray]]

    @classmethod
    def of(cls, answer: Answer) -> "AnswerEntry":
        """Return the entry of `answer`."""
        asked = {kind: (model.pk, vector) for kind, (model, vector) in answer.asked.items()}
        return cls(answer.places, answer.count, answer.warnings, answer.vector, asked)

    def answer(self, models: Mapping[int, EmbeddingModel]) -> Answer:
        """Return the answer, made by `models`."""
        asked = {
            kind: (models[number], vector)
            for kind, (number, vector) in self.asked.items()
            if number in models
        }
        return Answer(self.places, self.count, self.warnings, self.vector, asked)


def key(query: Query, model: EmbeddingModel | None) -> str:
    """Return what names the answer to `query` by `model` over the works as they are now."""
    by = [(each.pk, each.fingerprint) for each in _models(model)]
    return _digest((query, by, data_version.version((*data_version.WORKS, data_version.VECTORS))))


def read_or_make(key: str, model: EmbeddingModel | None, make: Callable[[], Answer]) -> Answer:
    """Return the answer kept under `key`, made by `model` now unless it is there."""
    entry = typed_cache.read(key, AnswerEntry)
    if entry is not None:
        return entry.answer({each.pk: each for each in _models(model)})
    answer = make()
    if answer.is_complete:
        cache.set(key, AnswerEntry.of(answer), _ttl_seconds())
    return answer


def derived(key: str, parts: object, kind: type[T], make: Callable[[], T]) -> T:
    """Return what is made of the answer `key` and `parts`, a `kind`; kept unless the key is ""."""
    if not key:
        return make()
    return typed_cache.read_or_make(_digest((key, parts)), kind, make, _ttl_seconds())


def _models(model: EmbeddingModel | None) -> list[EmbeddingModel]:
    return [] if model is None else [model, model.of_texts]


def _ttl_seconds() -> int:
    spread = random.uniform(1 - TTL_SPREAD, 1 + TTL_SPREAD)  # noqa: S311
    return round(ANSWER_TTL_SECONDS * spread)


def _digest(parts: tuple[object, ...]) -> str:
    digest = hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=16)
    return f"answer:{digest.hexdigest()}"
