"""A picture that was uploaded once, named by a signed token in later requests."""

import base64
from dataclasses import dataclass
from typing import Self

import numpy as np

MARK_BYTES = 8  # bytes of the model's fingerprint that a token carries


Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Seen:
    """What one model sees in one picture: a unit vector in steps of 1/127 of its largest value.

    The steps cost less than 0.0002 of a cosine, and 512 dimensions fit into 700 letters.
    """

    fingerprint: str
    values: bytes

    @classmethod
    def of(cls, vector: np.ndarray, fingerprint: str) -> Self:
        """Keep `vector` (dim,) of the model with this fingerprint."""
        steps = np.rint(vector * (127 / max(float(np.abs(vector).max()), 1e-12)))
        return cls(fingerprint[: 2 * MARK_BYTES], steps.astype(np.int8).tobytes())

    @classmethod
    def read(cls, token: str) -> Self:
        """Return what `token` says; raises `ValueError`."""
        try:
            data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise ValueError("no token of a picture") from error
        if len(data) <= MARK_BYTES or not any(data[MARK_BYTES:]):
            raise ValueError("no token of a picture")
        return cls(data[:MARK_BYTES].hex(), data[MARK_BYTES:])

    @property
    def token(self) -> str:
        """The same as text for an address."""
        data = bytes.fromhex(self.fingerprint) + self.values
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def vector(self, fingerprint: str, dimension: int) -> np.ndarray | None:
        """Return the unit vector (dimension,); None if a model with another fingerprint saw it."""
        if self.fingerprint != fingerprint[: 2 * MARK_BYTES]:
            return None
        steps = np.frombuffer(self.values, np.int8).astype(np.float32)
        return steps / np.linalg.norm(steps) if len(steps) == dimension else None
