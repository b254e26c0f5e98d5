"""The records of the fake server, in the order and with the words of AIC's API."""

import json
import mmap
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

AIC_INFO = {
    "license_text": (
        "The `description` field in this response is licensed under a Creative Commons "
        "Attribution 4.0 Generic License (CC-By) and the Terms and Conditions of artic.edu. All "
        "other data in this response is licensed under a Creative Commons Zero (CC0) 1.0 "
        "designation and the Terms and Conditions of artic.edu."
    ),
    "license_links": [
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "https://www.artic.edu/terms",
    ],
    "version": "1.13",
}
OLDEST = datetime.min.replace(tzinfo=UTC)
SEARCHED = ("title", "artist_display", "medium_display", "place_of_origin", "artwork_type_title")


class CatalogError(Exception):
    """A records file that cannot be served; the message names the file and the line."""


class Entry(NamedTuple):
    """One record: where its JSON is, and what it is ordered and searched by."""

    id: int
    updated_at: datetime
    words: str
    buffer: mmap.mmap | bytes
    start: int
    end: int

    def read(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads(self.buffer[self.start : self.end])
        return record


class Catalog:
    """Records of one or more files: `.jsonl` (one a line) or `.json` (an API response).

    Ordered as the API orders its listing: `updated_at` descending, then `id` descending. Records
    are read from the mapped file when they are asked for, so memory does not grow with their
    size. A record with an id that came before replaces it.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self.info: dict[str, Any] = AIC_INFO
        by_id: dict[int, Entry] = {}
        for path in paths:
            for entry in self._entries(path):
                by_id[entry.id] = entry
            beside = path.parent / "collection.json"
            if beside.is_file():
                # Only the licence and the honest label are the collection's to say.
                self.info = {**_object(beside), "version": AIC_INFO["version"]}
        self.entries = sorted(by_id.values(), key=lambda e: (e.updated_at, e.id), reverse=True)
        self.by_id = by_id

    def __len__(self) -> int:
        return len(self.entries)

    def search(self, query: str) -> list[tuple[float, Entry]]:
        """Return the entries with any word of `query` in their main fields, most words first."""
        words = query.casefold().split()
        if not words:
            return [(1.0, entry) for entry in self.entries]
        scored = ((float(sum(w in entry.words for w in words)), entry) for entry in self.entries)
        return sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])

    def _entries(self, path: Path) -> Iterator[Entry]:
        if not path.is_file():
            raise CatalogError(f"{path}: no such file")
        if path.suffix == ".json":
            return self._of_envelope(path)
        return _of_lines(path)

    def _of_envelope(self, path: Path) -> Iterator[Entry]:
        envelope = _object(path)
        if not isinstance(envelope.get("data"), list):
            raise CatalogError(f'{path}: no API response: it has no list under "data"')
        self.info = envelope.get("info") or self.info
        for number, record in enumerate(envelope["data"], 1):
            raw = json.dumps(record, ensure_ascii=False).encode()
            yield _entry(record, raw, 0, len(raw), f"{path}, record {number}")


def _of_lines(path: Path) -> Iterator[Entry]:
    if path.stat().st_size == 0:
        return
    with path.open("rb") as file:
        buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = 0
    for number, line in enumerate(iter(buffer.readline, b""), 1):
        end = start + len(line)
        if line.strip():
            try:
                record = json.loads(line)
            except ValueError as error:
                raise CatalogError(f"{path}, line {number}: no JSON ({error})") from error
            yield _entry(record, buffer, start, end, f"{path}, line {number}")
        start = end


def _entry(record: Any, buffer: mmap.mmap | bytes, start: int, end: int, place: str) -> Entry:
    if not isinstance(record, dict) or not isinstance(record.get("id"), int):
        raise CatalogError(f'{place}: a record must be an object with a whole number under "id"')
    words = " ".join(str(record.get(name) or "") for name in SEARCHED).casefold()
    return Entry(record["id"], _time(record.get("updated_at")), words, buffer, start, end)


def _time(value: Any) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return OLDEST
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CatalogError(f"{path}: {error}") from error
    if not isinstance(value, dict):
        raise CatalogError(f"{path}: not a JSON object")
    return value
