"""Pictures that visitors send, and details of works, as the active model sees them.

A picture is seen once and not kept: what stays is its vector, short enough for an address. So the
second page of an answer, a filter or a bookmark needs no picture again.
"""

import base64
import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from PIL import Image

from museum import pictures, typed_cache
from search import encoders, registry
from search.models import EmbeddingModel

DETAIL_TTL_SECONDS = 24 * 3600
_MARK = 8  # bytes of the model's fingerprint that a token carries

Box = tuple[float, float, float, float]


class Blind(Exception):  # noqa: N818 - reads as what it is
    """No model can look at pictures at the moment; the message says why."""


@dataclass(frozen=True)
class Seen:
    """What one model sees in one picture: a unit vector in steps of 1/127 of its largest value.

    The steps cost less than 0.0002 of a cosine, and 512 dimensions fit into 700 letters.
    """

    fingerprint: str
    values: bytes

    @classmethod
    def of(cls, vector: np.ndarray, model: EmbeddingModel) -> Self:
        """Keep `vector` (dim,) of `model`."""
        steps = np.rint(vector * (127 / max(float(np.abs(vector).max()), 1e-12)))
        return cls(model.fingerprint[: 2 * _MARK], steps.astype(np.int8).tobytes())

    @classmethod
    def read(cls, token: str) -> Self:
        """Return what `token` says; raises `ValueError`."""
        try:
            data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise ValueError("no token of a picture") from error
        if len(data) <= _MARK or not any(data[_MARK:]):
            raise ValueError("no token of a picture")
        return cls(data[:_MARK].hex(), data[_MARK:])

    @property
    def token(self) -> str:
        """The same as text for an address."""
        data = bytes.fromhex(self.fingerprint) + self.values
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def vector(self, model: EmbeddingModel) -> np.ndarray | None:
        """Return the unit vector (dim,); None if another model saw the picture."""
        if self.fingerprint != model.fingerprint[: 2 * _MARK]:
            return None
        steps = np.frombuffer(self.values, np.int8).astype(np.float32)
        return steps / np.linalg.norm(steps) if len(steps) == model.dimension else None


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
    return Seen.of(vector, model)


def detail(sha256: str, box: Box, model: EmbeddingModel) -> np.ndarray | None:
    """Return the vector (dim,) of a detail of a stored picture; None if it cannot be had."""
    key = f"detail:{model.fingerprint}:{sha256}:{','.join(f'{each:.4f}' for each in box)}"
    try:
        seen = typed_cache.read_or_make(
            key,
            Seen,
            lambda: see(pictures.decode(pictures.read(sha256)), box, model),
            DETAIL_TTL_SECONDS,
        )
    except (OSError, pictures.InvalidPicture, Blind):
        return None
    return seen.vector(model)


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
