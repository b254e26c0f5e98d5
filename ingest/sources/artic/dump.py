"""AIC's data dump: a tar archive with one JSON file a record, read as a stream.

Each file holds what the API answers for its work. Unpacking takes a core, so it has a process of
its own (`ingest.sources.artic.decompress`), which hands over nothing but artworks; this process
parses them.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from ingest.http.errors import SourceError
from ingest.http.politeness import Politeness
from ingest.sources.artic.decompress import BUFFER_BYTES, ENDED, FAILED, HEADER, TOO_LARGE
from ingest.sources.artic.parse import parse
from ingest.sources.artic.source import ArticSource, collection
from ingest.sources.base import Collection, Item, Rejected, Source, local_address
from ingest.sources.record import InvalidRecordError

# What the API says, for a dump that does not say it or says it only at its end.
AIC_IIIF_URL = "https://www.artic.edu/iiif/2"
AIC_INFO = {
    "license_text": (
        "The `description` field in this response is licensed under a Creative Commons "
        "Attribution 4.0 Generic License (CC-By) and the Terms and Conditions of artic.edu. All "
        "other data in this response is licensed under a Creative Commons Zero (CC0) 1.0 "
        "designation and the Terms and Conditions of artic.edu."
    ),
}
_MAGIC = {b"BZh": "bz2", b"\x1f\x8b": "gz", b"\xfd7zXZ": "xz"}
_TAR_MAGIC = slice(257, 262)
_ID = re.compile(r"artworks/(\d{1,18})\.json$")


class DumpSource(Source):
    """The records of a `.tar.bz2` as AIC publishes it, or of the same as .tar, .tar.gz, .tar.xz.

    Of the archive only `json/artworks/*.json`, `json/config.json` and `json/info.json` count,
    in whatever folder; the other endpoints and `getting-started` are passed over. The archive is
    in no order: `iiif_url` and `info` are AIC's until its own have come by, and a picture address
    that comes too late and differs ends the load with an error that says how to give it.

    A file that is no JSON or far too large is rejected by its path, and the next one follows.
    What is whole of a truncated archive comes first, and then the error.
    """

    name = "artic-dump"
    is_whole_collection = True

    def __init__(self, path: Path, *, iiif_url: str | None = None) -> None:
        super().__init__(local_address(path))
        self.path = path
        self.iiif_url = (iiif_url or AIC_IIIF_URL).rstrip("/")
        self.info: dict[str, Any] = AIC_INFO
        self._is_given, self._count = iiif_url is not None, 0

    @property
    def collection(self) -> Collection:
        """As far as the archive has been read."""
        return collection(self.info, self.iiif_url)

    @classmethod
    def politeness(cls) -> Politeness:
        """A dump's pictures are at AIC's."""
        return ArticSource.politeness()

    def records(self) -> Iterator[Item]:
        """Yield every artwork's record; raises `SourceError`."""
        form = _format(self.path)
        command = [
            sys.executable,
            "-m",
            "ingest.sources.artic.decompress",
            str(self.path.resolve()),
            form,
        ]
        with subprocess.Popen(  # noqa: S603 - our own module
            command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, bufsize=BUFFER_BYTES
        ) as process:
            assert process.stdout is not None  # noqa: S101 - asked for above
            try:
                yield from self._read(process.stdout)
            finally:
                process.kill()  # it has ended, or nobody wants the rest

    def _read(self, frames: IO[bytes]) -> Iterator[Item]:
        self._count, is_empty = 0, True
        while True:
            kind, name, content = _frame(frames)
            if kind == ENDED:
                break
            if kind == FAILED:
                raise self._failed(name, content.decode())
            item = self._item(kind, name, content)
            if item is not None:
                is_empty = False
                yield item
        if is_empty:
            message = f"{self.path} holds no json/artworks/….json: is this AIC's data dump?"
            raise SourceError(message, "no-records")

    def _item(self, kind: bytes, name: str, content: bytes) -> Item | None:
        """Return what a file holds; None of one that is about the archive."""
        if kind == TOO_LARGE:
            message = f"{int(content)} bytes are too large for a record"
            return Rejected(name, "too-large", message, _id_in(name))
        try:
            value = json.loads(content)
        except (ValueError, RecursionError) as error:
            return Rejected(name, "not-json", f"{name} is no JSON ({error})", _id_in(name))
        if name.endswith("json/config.json"):
            self._take_config(value)
            return None
        if name.endswith("json/info.json"):
            self._take_info(value)
            return None
        raw = self._unwrapped(value)
        self._count += 1
        try:
            return parse(raw)
        except InvalidRecordError as error:
            return Rejected.of(error, name, _id_in(name))

    def _unwrapped(self, value: Any) -> Any:
        """Dumps of before 2020 hold the API's whole answer in each file."""
        if isinstance(value, dict) and isinstance(value.get("data"), dict) and "id" not in value:
            self._take_config(value.get("config"))
            return value["data"]
        return value

    def _take_config(self, config: Any) -> None:
        iiif_url = config.get("iiif_url") if isinstance(config, dict) else None
        if self._is_given or not isinstance(iiif_url, str):
            return
        if iiif_url.rstrip("/") == self.iiif_url:
            return
        if self._count:
            raise SourceError(
                f"{self.path} names {iiif_url} as the address of its pictures only after "
                f"{self._count} records: load it again with that address given",
                "late-config",
            )
        self.iiif_url = iiif_url.rstrip("/")

    def _take_info(self, info: Any) -> None:
        artworks = info.get("artworks") if isinstance(info, dict) else None
        if not isinstance(artworks, dict):
            return
        if self._count and artworks.get("generated"):
            raise SourceError(
                f"{self.path} says only after {self._count} records that they are generated; "
                "json/info.json must come first in it",
                "late-info",
            )
        self.info = artworks

    def _failed(self, code: str, why: str) -> SourceError:
        if code == "truncated":
            advice = f"download it again; {self._count} records came before that"
        else:
            advice = f"after {self._count} records" if self._count else "is it a tar archive?"
        return SourceError(f"{self.path} cannot be read to its end: {why} ({advice})", code)


def _id_in(name: str) -> int | None:
    """Return the id in the name of a record's file."""
    match = _ID.search(name)
    return int(match[1]) if match else None


def _format(path: Path) -> str:
    """How the file is packed, by its first bytes; raises `SourceError`."""
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror})", "unreadable") from error
    for magic, form in _MAGIC.items():
        if start.startswith(magic):
            return form
    if start[_TAR_MAGIC] == b"ustar":
        return "tar"
    raise SourceError(
        f"{path} is no .tar.bz2, .tar.gz, .tar.xz or .tar: give the data dump as AIC publishes it",
        "wrong-type",
    )


def _frame(frames: IO[bytes]) -> tuple[bytes, str, bytes]:
    header = frames.read(HEADER.size)
    if len(header) == HEADER.size:
        kind, name_length, length = HEADER.unpack(header)
        name, content = frames.read(name_length), frames.read(length)
        if len(content) == length:
            return kind, name.decode(), content
    return FAILED, "killed", b"the process that unpacks it was ended from outside"
