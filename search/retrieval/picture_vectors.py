"""Encode pictures that visitors send, and details of works.

A picture is encoded once and not stored. Its vector goes into a token that is short enough for a
URL, so the next page, a filter or a bookmark does not need the picture again.
"""

import math

import numpy as np
from PIL import Image

from museum.core.caching import typed_cache
from museum.images import decoding, storage
from search import encoders
from search.embeddings import registry
from search.models import EmbeddingModel
from search.query.picture_token import Box, PictureToken

DETAIL_TTL_SECONDS = 24 * 3600


class PictureModelUnavailableError(Exception):
    """No model can encode pictures at the moment; the message says why."""


def encode_picture(
    picture: Image.Image, box: Box | None = None, model: EmbeddingModel | None = None
) -> PictureToken:
    """Encode `picture`, or the detail in `box`, by `model` or the active model.

    Raises `PictureModelUnavailableError`.
    """
    model = model or registry.active()
    if model is None:
        raise PictureModelUnavailableError(
            "No model has been activated yet, so pictures cannot be compared."
        )
    try:
        encoder = encoders.get_query_encoder(model)
        (vector,) = encoder.encode_images([crop(picture, box)])
    except encoders.EncoderUnavailableError as error:
        raise PictureModelUnavailableError(
            f"The model {model.name} does not load, or reads texts alone."
        ) from error
    return PictureToken.from_vector(vector, model.fingerprint)


def detail_vector(sha256: str, box: Box, model: EmbeddingModel) -> np.ndarray | None:
    """Return the vector (dim,) of a detail of a stored picture; None if it cannot be encoded."""
    key = f"detail:{model.fingerprint}:{sha256}:{','.join(f'{each:.4f}' for each in box)}"
    try:
        token = typed_cache.read_or_make(
            key,
            PictureToken,
            lambda: encode_picture(decoding.decode(storage.read(sha256)), box, model),
            DETAIL_TTL_SECONDS,
        )
    except (OSError, decoding.InvalidPictureError, PictureModelUnavailableError):
        return None
    return token.vector(model.fingerprint, model.dimension)


def crop(picture: Image.Image, box: Box | None) -> Image.Image:
    """Return the part of `picture` inside `box` (x, y, width, height; 0 to 1)."""
    if box is None:
        return picture
    x, y, width, height = box
    left = min(math.floor(x * picture.width), picture.width - 1)
    top = min(math.floor(y * picture.height), picture.height - 1)
    right = min(max(round((x + width) * picture.width), left + 1), picture.width)
    bottom = min(max(round((y + height) * picture.height), top + 1), picture.height)
    return picture.crop((left, top, right, bottom))
