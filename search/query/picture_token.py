"""An uploaded picture as a token for later requests: its vector, quantised to bytes."""

import base64
from dataclasses import dataclass
from typing import Self

import numpy as np

FINGERPRINT_BYTES = 8  # of the model's fingerprint

# x, y, width and height of a detail, each from 0 to 1
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class PictureToken:
    """The unit vector of one picture by one model, in steps of 1/127 of its largest value.

    The steps change a cosine by less than 0.0002, and 512 dimensions take 700 characters.
    """

    fingerprint: str
    values: bytes

    @classmethod
    def from_vector(cls, vector: np.ndarray, fingerprint: str) -> Self:
        """Quantise `vector` (dim,) of the model with this fingerprint."""
        steps = np.rint(vector * (127 / max(float(np.abs(vector).max()), 1e-12)))
        return cls(fingerprint[: 2 * FINGERPRINT_BYTES], steps.astype(np.int8).tobytes())

    @classmethod
    def read(cls, token: str) -> Self:
        """Decode `token`. Raises `ValueError`."""
        try:
            data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise ValueError("no token of a picture") from error
        if len(data) <= FINGERPRINT_BYTES or not any(data[FINGERPRINT_BYTES:]):
            raise ValueError("no token of a picture")
        return cls(data[:FINGERPRINT_BYTES].hex(), data[FINGERPRINT_BYTES:])

    @property
    def token(self) -> str:
        """The token as text for a URL."""
        data = bytes.fromhex(self.fingerprint) + self.values
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def vector(self, fingerprint: str, dimension: int) -> np.ndarray | None:
        """Return the unit vector (dimension,); None if another model made the token."""
        if self.fingerprint != fingerprint[: 2 * FINGERPRINT_BYTES]:
            return None
        steps = np.frombuffer(self.values, np.int8).astype(np.float32)
        return steps / np.linalg.norm(steps) if len(steps) == dimension else None
