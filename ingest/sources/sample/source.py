"""The sample museum as `ingest.sample.records.write_collection` writes it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ingest.http.errors import SourceError
from ingest.sources.artic.parse import parse
from ingest.sources.base import Collection, Item, Rejected, Source, local_address
from ingest.sources.record import InvalidRecordError


class SampleSource(Source):
    """A folder with `records.jsonl` in AIC's schema, and `images/{image_id}.jpg`.

    `collection.json` beside them says under which licence the collection was generated.
    """

    name = "sample"

    def __init__(self, folder: Path | str) -> None:
        super().__init__(local_address(folder))
        self.folder = Path(folder)
        self._collection = Collection("sample", is_generated=True)

    @property
    def collection(self) -> Collection:
        """The licence is known once `records` has begun."""
        return self._collection

    def records(self) -> Iterator[Item]:
        """Yield each line's record, with its picture's file; raises `SourceError`."""
        path = self.folder / "records.jsonl"
        try:
            licence = json.loads((self.folder / "collection.json").read_bytes())["license_text"]
            self._collection = Collection("sample", True, licence, licence)
            with path.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    yield self._item(line, f"{path}, line {number}")
        except (OSError, ValueError, KeyError) as error:
            message = f"{self.folder} holds no sample museum ({error}); manage.py demo makes one"
            raise SourceError(message, "unreadable") from error

    def _item(self, line: str, place: str) -> Item:
        try:
            record = parse(json.loads(line))
        except InvalidRecordError as error:
            return Rejected.of(error, place)
        except ValueError as error:
            return Rejected(place, "not-json", f"{place}: no JSON ({error})")
        return replace(record, image_file=self.folder / "images" / f"{record.image_id}.jpg")
