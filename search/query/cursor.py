"""Where in an answer the next page begins: after these works, of this search, by this model.

A page number alone would repeat works when new ones come in before it, and skip some when others
go. So a cursor names the works that were shown, and no process has to remember anything: a
thousand of them are some 3,000 letters.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from search.engine.cursors import digest, mark
from search.models import EmbeddingModel
from search.query.query import Query
from search.ranking.progressive_depth import END

_MARK = 8  # bytes each of the model's fingerprint and of the search's digest


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
        seen = tuple(_unpack(data[2 * _MARK :]))
        if len(data) <= 2 * _MARK or len(seen) > END or seen[-1] >= 2**63:
            raise ValueError("no cursor")
        return cls(data[:_MARK].hex(), data[_MARK : 2 * _MARK].hex(), seen)

    @property
    def token(self) -> str:
        """The same as text for an address."""
        data = bytes.fromhex(self.fingerprint + self.digest) + _pack(self.seen)
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def belongs_to(self, query: Query) -> bool:
        """Whether it was made for the search that `query` is a page of."""
        return self.digest == digest(query)

    def model(self, active: EmbeddingModel | None) -> EmbeddingModel | None:
        """Return the model that made the pages before. Raises `LookupError` if it is gone."""
        if self.fingerprint == mark(active):
            return active
        same = EmbeddingModel.objects.filter(fingerprint__startswith=self.fingerprint)
        retired = EmbeddingModel.State.RETIRED  # its vectors are being dropped
        found = same.exclude(state=retired).filter(embeddings__isnull=False).first()
        if found is None:
            raise LookupError("The model that made the pages before is gone: begin again.")
        return found


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
