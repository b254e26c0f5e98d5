"""What a source of records is. A new one is one small class; `ingest.folder` is an example."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol


class Rejected(NamedTuple):
    """One thing that a source could not make a record of.

    `place` names it: a member of an archive, a file, a line. `code` groups by reason.
    """

    place: str
    code: str
    message: str


class Source(Protocol):
    """Records in the form of AIC's API, one after the other, so that memory stays small.

    `rejected` grows while `records` is read; whoever reads takes what is there and clears it.
    """

    rejected: list[Rejected]

    def records(self) -> Iterator[Any]:
        """Each record as JSON gives it, not yet validated; raises `SourceError`."""
        ...
