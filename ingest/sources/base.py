"""The contract of a source of records.

Each museum is a package beside this file and one entry in `ingest.sources.registry`;
docs/extending.md shows how to add one.
"""

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

from ingest.http import pacing
from ingest.http.errors import SourceError
from ingest.http.politeness import Politeness
from ingest.http.session import PacedSession
from ingest.sources.record import InvalidRecordError, Record

PAGE_RECORDS = 1000  # of a source that has no pages of its own
MAX_FILE_BYTES = 512 * 1024 * 1024  # of a picture on this machine


@dataclass(frozen=True)
class Collection:
    """What holds for every record of a page.

    `source` is the collection's name in the database. `licence` is that of the records and texts,
    `description_licence` that of the texts of kind `description`. `iiif_url` is the base of the
    IIIF Image API that serves the pictures; "" where there is none.
    """

    source: str
    is_generated: bool = False
    licence: str = ""
    description_licence: str = ""
    iiif_url: str = ""

    @property
    def lasting_iiif_url(self) -> str | None:
        """The pictures' address as visitors may use it; one on this machine means nothing to them,
        and changes with every start of a local server."""
        return None if pacing.is_loopback(self.iiif_url) else self.iiif_url or None


class Rejected(NamedTuple):
    """Something that a source could not make a record of.

    `place` names it: an address, a file, a line. `code` groups by reason. `artic_id` is the work's
    id where it is known: a work with a bad record is not gone from its source.
    """

    place: str
    code: str
    message: str
    artic_id: int | None = None

    @classmethod
    def of(cls, error: InvalidRecordError, place: str, artic_id: int | None = None) -> Self:
        """Reject a record with a value that it cannot have; `artic_id` if the record has none."""
        known = error.artic_id or artic_id
        name = f"record {known}" if known else "a record without a usable id"
        return cls(place, error.code, f"{name}: {error}", known)


Item = Record | Rejected


@dataclass(frozen=True)
class Page:
    """What a source gives at a time; it is stored in one transaction.

    `total` is the number of records in the whole source, if it is known. `mark` is what
    `Source.pages` takes to continue after this page; "" if it can only begin at the start.
    """

    items: Sequence[Item]
    collection: Collection
    total: int | None = None
    mark: str = ""


class Source(ABC):
    """The records of one collection, page by page, so that memory stays small.

    A subclass has a `name`, which is its key in the registry, and either `records` or, where
    reading can resume in the middle, `pages`. Batches, changes, pictures, resuming, sweeps, counts,
    failures and exit codes are the pipeline's.
    """

    name: ClassVar[str]
    default_address: ClassVar[str] = ""
    # Whether everything that is stored of the collection and not in this source is gone.
    is_whole_collection: ClassVar[bool] = False

    def __init__(self, address: str) -> None:
        self._address = address

    @property
    def address(self) -> str:
        """The URL, also of a file or folder, that tells this source from others of its kind."""
        return self._address

    @property
    @abstractmethod
    def collection(self) -> Collection:
        """Whose records these are, under which licences; final once the first page is there."""

    def records(self) -> Iterator[Item]:
        """Yield each record, or why it cannot be one; raises `SourceError`."""
        raise NotImplementedError(f"{type(self).__name__} has neither records nor pages")

    def pages(self, mark: str = "") -> Iterator[Page]:
        """Yield the pages after the one with this `mark`; raises `SourceError`."""
        return paged(self.records(), lambda: self.collection)

    @classmethod
    def politeness(cls) -> Politeness:
        """Return how to ask for records and pictures."""
        return Politeness()

    @cached_property
    def session(self) -> PacedSession:
        """The session to ask for records with."""
        return self.politeness().request_session(self.address)

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Add what `manage.py ingest NAME` takes to open this source."""
        if cls.default_address:
            parser.add_argument(
                "address", nargs="?", default=cls.default_address, help="default: %(default)s"
            )
        else:
            parser.add_argument("address", help="where the source is")

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Self:
        """Open the source by the arguments of `manage.py ingest NAME`; raises `SourceError`."""
        return cls(options["address"].rstrip("/"))


@dataclass(frozen=True)
class ListingPage(Page):
    """One page of a listing, numbered from 1."""

    number: int = 1
    total_pages: int = 1


class IdPage(NamedTuple):
    """One page of the listing's ids alone."""

    ids: set[int]
    collection: Collection
    total: int


class Listing(Source):
    """A source whose pages are numbered, the newest records first.

    It can be read by workers, page by page, and down to the last change alone
    (`ingest.pipeline.crawl`); its ids can be swept (`ingest.pipeline.withdrawals`).
    """

    max_page_size: ClassVar[int]

    @abstractmethod
    def page(self, number: int, size: int) -> ListingPage:
        """Return one page, of at most `max_page_size` records; raises `SourceError`."""

    @abstractmethod
    def id_pages(self) -> Iterator[IdPage]:
        """Yield the ids of the whole listing; raises `SourceError`."""

    @abstractmethod
    def existing(self, ids: Sequence[int]) -> set[int]:
        """Return those of at most `max_page_size` ids that there are; raises `SourceError`."""

    @abstractmethod
    def records_of(self, ids: Sequence[int]) -> Page:
        """Return the records of at most `max_page_size` ids; raises `SourceError`."""

    def pages(self, mark: str = "") -> Iterator[Page]:
        """Yield every page of the listing, the newest records first."""
        number = int(mark or 1)
        while True:
            page = self.page(number, self.max_page_size)
            yield page
            if number >= page.total_pages or not page.items:
                return
            number += 1


def paged(items: Iterator[Item], collection: Callable[[], Collection]) -> Iterator[Page]:
    """Put items into pages; those that came before a `SourceError` come before it."""
    error: SourceError | None = None
    batch: list[Item] = []
    with closing(_generator(items)) as drawn:
        try:
            for item in drawn:
                batch.append(item)
                if len(batch) == PAGE_RECORDS:
                    yield Page(batch, collection())
                    batch = []
        except SourceError as caught:
            error = caught
    if batch:
        yield Page(batch, collection())
    if error:
        raise error


def _generator(items: Iterable[Item]) -> Generator[Item]:
    yield from items


def local_address(path: Path | str) -> str:
    """Return the address of a file or folder on this machine."""
    return Path(path).resolve().as_uri()
