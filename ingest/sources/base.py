"""What a source of records is. A new one is one small class; `ingest.sources.folder.source` is an example."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from ingest.http import pacing


@dataclass(frozen=True)
class Collection:
    """What a whole response says of its records: whose they are, their licences, their pictures.

    `description_licence` is for AIC's `description` field, `licence` for every other text.
    """

    source: str
    is_generated: bool
    licence: str
    description_licence: str
    iiif_url: str

    @property
    def lasting_iiif_url(self) -> str | None:
        """The pictures' address as visitors may use it; one on this machine means nothing to them,
        and changes with every start of a local server."""
        return None if pacing.is_loopback(self.iiif_url) else self.iiif_url or None


class Rejected(NamedTuple):
    """One thing that a source could not make a record of.

    `place` names it: a member of an archive, a file, a line. `code` groups by reason; `artic_id`
    is the work's id where the place tells it.
    """

    place: str
    code: str
    message: str
    artic_id: int | None = None


class Source(Protocol):
    """Records in the form of AIC's API, one after the other, so that memory stays small.

    `rejected` grows while `records` is read; whoever reads takes what is there and clears it.
    `present` is, once `records` has ended, every id that the source holds, those of rejected
    records included: what is stored and not among them is gone. `collection` may be told by the
    source itself, so it is asked for with each batch.
    """

    rejected: list[Rejected]
    present: set[int]

    @property
    def collection(self) -> Collection:
        """Whose records these are, their licences, and where their pictures are."""
        ...

    def records(self) -> Iterator[Any]:
        """Each record as JSON gives it, not yet validated; raises `SourceError`."""
        ...
