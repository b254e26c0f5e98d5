"""Answers that were made a moment ago, kept until what they were made of changes.

Visitors ask the same: the examples of the home page, a page gone back to, what is in the news. Kept
is which works stand where and why, not the works themselves: they are read anew each time, so that
one that a curator has just hidden is not shown.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.core.cache import cache
from redis.exceptions import RedisError

from search import changes
from search.fusion import Fused
from search.models import EmbeddingModel
from search.query import Query

logger = logging.getLogger(__name__)

SECONDS = 600


@dataclass(frozen=True)
class Place:
    """One work of an answer: how it was found, its level of relevance, and z (relevance.py)."""

    found: Fused
    relevance: str
    z: float | None


@dataclass(frozen=True)
class Answer:
    """One page of an answer without its rows; see `engine.Results`.

    `is_complete` says that every part of the query was understood and compared.
    """

    places: list[Place]
    count: int
    warnings: list[str]
    vector: np.ndarray | None
    is_complete: bool = True


def kept(query: Query, model: EmbeddingModel | None, make: Callable[[], Answer]) -> Answer:
    """Return the answer to `query` by `model`, made now unless it is known. A cache that is down
    costs time, no answer."""
    key = _key(query, model)
    try:
        found: Answer | None = cache.get(key)
    except RedisError as error:
        logger.warning("The cache does not answer: %s", error)
        return make()
    if found is None:
        found = make()
        # One that lacks a part, because a model did not load, may be a better one next time.
        if found.is_complete:
            _keep(key, found)
    return found


def _keep(key: str, answer: Answer) -> None:
    try:
        cache.set(key, answer, SECONDS)
    except RedisError as error:
        logger.warning("The cache does not answer: %s", error)


def _key(query: Query, model: EmbeddingModel | None) -> str:
    by = model and (model.pk, model.fingerprint)
    asked = repr((query, by, changes.version((*changes.WORKS, changes.VECTORS))))
    digest = hashlib.blake2b(asked.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"answer:{digest}"
