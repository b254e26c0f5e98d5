"""Pictures that visitors send, and details of works, as the active model sees them.

A picture is seen once and not kept: what stays is its vector, short enough for an address. So the
second page of an answer, a filter or a bookmark needs no picture again.
"""

import math

import numpy as np
from PIL import Image

from museum.core.caching import typed_cache
from museum.images import decoding, storage
from search import encoders
from search.embeddings import registry
from search.models import EmbeddingModel
from search.query.picture_token import Box, Seen

DETAIL_TTL_SECONDS = 24 * 3600


class Blind(Exception):  # noqa: N818 - reads as what it is
    """No model can look at pictures at the moment; the message says why."""


def see(picture: Image.Image, box: Box | None = None, model: EmbeddingModel | None = None) -> Seen:
    """Let `model`, or else the active one, look at `picture`, or at a detail of it.

    Raises `Blind`.
    """
    model = model or registry.active()
    if model is None:
        raise Blind("No model has been activated yet, so pictures cannot be compared.")
    try:
        encoder = encoders.get_query_encoder(model)
        (vector,) = encoder.encode_images([cut(picture, box)])
    except encoders.EncoderUnavailable as error:
        raise Blind(f"The model {model.name} does not load, or reads texts alone.") from error
    return Seen.of(vector, model.fingerprint)


def detail(sha256: str, box: Box, model: EmbeddingModel) -> np.ndarray | None:
    """Return the vector (dim,) of a detail of a stored picture; None if it cannot be had."""
    key = f"detail:{model.fingerprint}:{sha256}:{','.join(f'{each:.4f}' for each in box)}"
    try:
        seen = typed_cache.read_or_make(
            key,
            Seen,
            lambda: see(decoding.decode(storage.read(sha256)), box, model),
            DETAIL_TTL_SECONDS,
        )
    except (OSError, decoding.InvalidPicture, Blind):
        return None
    return seen.vector(model.fingerprint, model.dimension)


def cut(picture: Image.Image, box: Box | None) -> Image.Image:
    """Return the detail of `picture` that `box` (x, y, width, height; 0 to 1) holds."""
    if box is None:
        return picture
    x, y, width, height = box
    left = min(math.floor(x * picture.width), picture.width - 1)
    top = min(math.floor(y * picture.height), picture.height - 1)
    right = min(max(round((x + width) * picture.width), left + 1), picture.width)
    bottom = min(max(round((y + height) * picture.height), top + 1), picture.height)
    return picture.crop((left, top, right, bottom))
