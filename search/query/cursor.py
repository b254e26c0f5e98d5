"""Where in an answer the next page begins: after these works, of this search, by this model.

A page number alone would repeat works when new ones come in before it, and skip some when others
go. So a cursor names the works that were shown, and no process has to remember anything: a
thousand of them are some 3,000 letters.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from search.query.query import Query
from search.ranking.progressive_depth import END

MARK_BYTES = 8  # bytes each of the model's fingerprint and of the search's digest


@dataclass(frozen=True)
class Cursor:
    """`seen` are ids of works on the pages before, `fingerprint` and `digest` hexadecimal marks."""

    fingerprint: str
    digest: str
    seen: tuple[int, ...]

    @classmethod
    def read(cls, token: str) -> Self:
        """Return what `token` says; raises `ValueError`."""
        try:
            data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise ValueError("no cursor") from error
        seen = tuple(_unpack(data[2 * MARK_BYTES :]))
        if len(data) <= 2 * MARK_BYTES or len(seen) > END or seen[-1] >= 2**63:
            raise ValueError("no cursor")
        return cls(data[:MARK_BYTES].hex(), data[MARK_BYTES : 2 * MARK_BYTES].hex(), seen)

    @property
    def token(self) -> str:
        """The same as text for an address."""
        data = bytes.fromhex(self.fingerprint + self.digest) + _pack(self.seen)
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def belongs_to(self, query: Query) -> bool:
        """Whether it was made for the search that `query` is a page of."""
        return self.digest == digest(query)


def digest(query: Query) -> str:
    """Return what tells the search from others, whatever page of it."""
    search = repr(query.as_asked())
    return hashlib.blake2b(search.encode("utf-8", "replace"), digest_size=MARK_BYTES).hexdigest()


def _pack(numbers: Iterable[int]) -> bytes:
    """Write ascending numbers as their differences, seven bits a byte (LEB128)."""
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
