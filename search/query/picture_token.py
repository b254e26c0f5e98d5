"""TODO: search.query.query.picture_token."""

import base64
from dataclasses import dataclass
from typing import Self

import numpy as np

from search.models import EmbeddingModel

_MARK = 8  # bytes of the model's fingerprint that a token carries


Box = tuple[float, float, float, float]


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
