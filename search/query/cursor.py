"""A cursor: the works on the pages before, the search, and the model that answered it.

An offset would repeat works when others are added before it, and skip some when others go.
A cursor lists the works already shown, so the server stores no state. A thousand works take about
3,000 characters.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from search.ranking.progressive_depth import END

FINGERPRINT_BYTES = 8  # of the model's fingerprint
DIGEST_BYTES = 8  # of `Query.digest`
HEADER_BYTES = FINGERPRINT_BYTES + DIGEST_BYTES


@dataclass(frozen=True)
class Cursor:
    """`seen` are ids of works on the pages before; `fingerprint` and `digest` are hexadecimal."""

    fingerprint: str
    digest: str
    seen: tuple[int, ...]

    @classmethod
    def read(cls, token: str) -> Self:
        """Decode `token`. Raises `ValueError`."""
        try:
            data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise ValueError("no cursor") from error
        seen = tuple(_unpack(data[HEADER_BYTES:]))
        if len(data) <= HEADER_BYTES or len(seen) > END or seen[-1] >= 2**63:
            raise ValueError("no cursor")
        return cls(
            data[:FINGERPRINT_BYTES].hex(),
            data[FINGERPRINT_BYTES:HEADER_BYTES].hex(),
            seen,
        )

    @property
    def token(self) -> str:
        """The cursor as text for a URL."""
        data = bytes.fromhex(self.fingerprint + self.digest) + _pack(self.seen)
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _pack(numbers: Iterable[int]) -> bytes:
    """Encode ascending numbers as differences, seven bits a byte (LEB128)."""
    packed, last = bytearray(), 0
    for number in numbers:
        rest, last = number - last, number
        while rest > 0x7F:
            packed.append(rest & 0x7F | 0x80)
            rest >>= 7
        packed.append(rest)
    return bytes(packed)


def _unpack(data: bytes) -> Iterable[int]:
    number = value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte & 0x80:
            continue
        number += value
        yield number
        value = shift = 0
    if shift:
        raise ValueError("no cursor")
