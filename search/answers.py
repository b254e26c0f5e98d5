"""Answers that were made a moment ago, kept until what they were made of changes.

Visitors ask the same: the examples of the home page, a page gone back to, what is in the news. Kept
is which works stand where; the website reads the works themselves anew each time. The API also
keeps what it said of them: proxies keep that much longer (`API_CACHE_SECONDS`).
"""

import hashlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from django.core.cache import cache
from redis.exceptions import RedisError

from search import changes
from search.fusion import Fused
from search.models import EmbeddingModel
from search.query import Query
from search.relevance import Asked

logger = logging.getLogger(__name__)

SECONDS = 600
SPREAD = 0.2  # of that: what was made in one minute is not made again in one
T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """One work of an answer: how it was found, its level of relevance, and z (relevance.py)."""

    found: Fused
    relevance: str
    z: float | None


@dataclass(frozen=True)
class Answer:
    """One page of an answer without its rows; see `engine.Results`.

    `warnings` are lazy translations, said in the language of whoever reads them. `vector` is what
    pictures were compared with, `asked` what each kind of embedding was.
    `is_complete` says that every part of the query was compared: one that lacks a part, because a
    model did not load, may be a better one next time.
    """

    places: list[Place]
    count: int
    warnings: list[str]
    vector: np.ndarray | None
    asked: Asked = field(default_factory=dict)
    is_complete: bool = True


def key(query: Query, model: EmbeddingModel | None) -> str:
    """Return what names the answer to `query` by `model` over the works as they are now."""
    by = model and [(each.pk, each.fingerprint) for each in (model, model.of_texts)]
    return _digest((query, by, changes.version((*changes.WORKS, changes.VECTORS))))


def kept(name: str, make: Callable[[], T], is_lasting: Callable[[T], bool] = lambda _: True) -> T:
    """Return what is kept under `name`, made now unless it is there.

    Nothing is kept under "". A cache that is down costs time, no answer.
    """
    try:
        found: T | None = cache.get(name) if name else None
    except RedisError as error:
        logger.warning("The cache does not answer: %s", error)
        return make()
    if found is None:
        found = make()
        if name and is_lasting(found):
            _keep(name, found)
    return found


def derived(key: str, *parts: object) -> str:
    """Return the name of what is made of the answer `key` and `parts`; "" if that is not kept."""
    return key and _digest((key, *parts))


def _keep(name: str, made: object) -> None:
    try:
        cache.set(name, made, round(SECONDS * random.uniform(1 - SPREAD, 1 + SPREAD)))  # noqa: S311
    except RedisError as error:
        logger.warning("The cache does not answer: %s", error)


def _digest(parts: tuple[object, ...]) -> str:
    digest = hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=16)
    return f"answer:{digest.hexdigest()}"
