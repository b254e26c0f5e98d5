"""Answers that were made a moment ago, kept until what they were made of changes.

Visitors ask the same: the examples of the home page, a page gone back to, what is in the news. Kept
is which works stand where; the website reads the works themselves anew each time. The API also
keeps what it said of them: proxies keep that much longer (`API_CACHE_SECONDS`).
"""

import hashlib
import logging
import random
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

from search.engine import data_version
from search.models import EmbeddingModel
from search.query.query import Query

logger = logging.getLogger(__name__)

SECONDS = 600
SPREAD = 0.2  # of that: what was made in one minute is not made again in one
T = TypeVar("T")


def key(query: Query, model: EmbeddingModel | None) -> str:
    """Return what names the answer to `query` by `model` over the works as they are now."""
    by = model and [(each.pk, each.fingerprint) for each in (model, model.of_texts)]
    return _digest((query, by, data_version.version((*data_version.WORKS, data_version.VECTORS))))


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
