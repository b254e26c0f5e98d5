"""Cache the vectors of encoded queries in Django's cache: Redis if configured, else memory.

Visitors repeat queries when they turn a page, add a filter or click an example on the home page.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from django.core.cache import cache

from search.encoders import Encoder
from search.metrics import ENCODER_CACHE

VECTOR_TTL_SECONDS = 24 * 3600
HALF_BYTES = 2  # of one number


def encode_texts(encoder: Encoder, texts: Sequence[str]) -> np.ndarray:
    """Return `encoder.encode_texts(texts)`, (n, dim) float32, from the cache if possible.

    Vectors are rounded to float16 (like pgvector's halfvec) whether cached or not, so the same
    search always has the same scores. If the cache is down, the texts are encoded again.
    """
    keys = [_key(encoder, text) for text in texts]
    known = _read(keys, encoder.dim)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    ENCODER_CACHE.labels("hit").inc(len(texts) - len(missing))
    ENCODER_CACHE.labels("miss").inc(len(missing))
    if missing:
        made = encoder.encode_texts(list(missing.values())).astype("<f2")
        new = {key: row.tobytes() for key, row in zip(missing, made, strict=True)}
        cache.set_many(new, VECTOR_TTL_SECONDS)
        known |= new
    vectors = [np.frombuffer(known[key], "<f2") for key in keys]
    return np.array(vectors, np.float32).reshape(len(texts), encoder.dim)


def _key(encoder: Encoder, text: str) -> str:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"query-vector:{encoder.fingerprint}:{digest}"


def _read(keys: Sequence[str], dim: int) -> dict[str, bytes]:
    """Return the cached values that are vectors of `dim` numbers, by key."""
    found = cache.get_many(keys)
    return {
        key: value
        for key, value in found.items()
        if isinstance(value, bytes) and len(value) == dim * HALF_BYTES
    }
