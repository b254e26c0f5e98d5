"""Cache answers until the data that they were made from changes.

Many visitors run the same searches, such as the examples on the home page. The cache holds the ids
and ranks of an answer; the website reads the works from the database each time. The API also caches
its rendered works here, because proxies cache them for longer anyway (`API_CACHE_SECONDS`).
"""

import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from django.core.cache import cache

from museum.core.caching import typed_cache
from museum.core.text.messages import Message
from search.engine import data_version
from search.engine.results import Answer, Place
from search.models import EmbeddingModel
from search.query.query import Query

ANSWER_TTL_SECONDS = 600
TTL_SPREAD = 0.2  # of the TTL, so that entries made together do not expire together
T = TypeVar("T")


@dataclass(frozen=True)
class AnswerEntry:
    """A complete `Answer` as the cache stores it, with models by primary key."""

    places: list[Place]
    count: int
    warnings: list[Message]
    vector: np.ndarray | None
    query_vectors: dict[str, tuple[int, np.ndarray]]

    @classmethod
    def from_answer(cls, answer: Answer) -> "AnswerEntry":
        """Return the cache entry of `answer`."""
        query_vectors = {
            kind: (model.pk, vector) for kind, (model, vector) in answer.query_vectors.items()
        }
        return cls(answer.places, answer.count, answer.warnings, answer.vector, query_vectors)

    def answer(self, models: Mapping[int, EmbeddingModel]) -> Answer:
        """Return the answer; `models` are by primary key."""
        query_vectors = {
            kind: (models[number], vector)
            for kind, (number, vector) in self.query_vectors.items()
            if number in models
        }
        return Answer(self.places, self.count, self.warnings, self.vector, query_vectors)


def key(query: Query, model: EmbeddingModel | None) -> str:
    """Return the cache key of the answer to `query` by `model` over the current data."""
    by = [(each.pk, each.fingerprint) for each in _models(model)]
    return _digest((query, by, data_version.version((*data_version.WORKS, data_version.VECTORS))))


def read_or_make(key: str, model: EmbeddingModel | None, make: Callable[[], Answer]) -> Answer:
    """Return the cached answer of `key`, or make and cache it."""
    entry = typed_cache.read(key, AnswerEntry)
    if entry is not None:
        return entry.answer({each.pk: each for each in _models(model)})
    answer = make()
    if answer.is_complete:
        cache.set(key, AnswerEntry.from_answer(answer), _ttl_seconds())
    return answer


def derived(key: str, parts: object, kind: type[T], make: Callable[[], T]) -> T:
    """Return `make()`, cached by the answer's `key` and `parts`. An empty key is not cached."""
    if not key:
        return make()
    return typed_cache.read_or_make(_digest((key, parts)), kind, make, _ttl_seconds())


def _models(model: EmbeddingModel | None) -> list[EmbeddingModel]:
    return [] if model is None else [model, model.description_model]


def _ttl_seconds() -> int:
    spread = random.uniform(1 - TTL_SPREAD, 1 + TTL_SPREAD)  # noqa: S311
    return round(ANSWER_TTL_SECONDS * spread)


def _digest(parts: tuple[object, ...]) -> str:
    digest = hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=16)
    return f"answer:{digest.hexdigest()}"
