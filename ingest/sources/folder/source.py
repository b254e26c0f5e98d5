"""A folder of pictures, with or without captions."""

import hashlib
import html
import os
import unicodedata
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from ingest.http.errors import SourceError
from ingest.sources.base import (
    MAX_FILE_BYTES,
    Collection,
    Item,
    Rejected,
    Source,
    local_address,
)
from ingest.sources.folder.captions import Caption, Captions
from ingest.sources.record import UNTITLED, Record, Text
from ingest.sources.text import storable
from museum.images import decoding

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".jp2", ".avif"}
# AIC's ids are below a million; generated works have theirs from 2,000,000,001.
FIRST_ID = 3_000_000_000


class FolderSource(Source):
    """The pictures in `folder` and below, each a work of the source `folder`.

    Ids are public and lasting: a hash of the path within the folder, so a renamed file is another
    work. `image_id` is a hash of the file, so a replaced picture is stored anew. A picture's
    rights are not known, unless its caption says that it is in the public domain.

    Rejected are pictures that cannot be read, pictures with an invalid caption, captions that come
    twice and captions without a picture. Two paths with one id end the load before any record
    (among 100,000 pictures that happens once in 200 collections).
    """

    name = "folder"
    collection = Collection("folder")

    def __init__(self, folder: Path, captions: Path | None = None) -> None:
        super().__init__(local_address(folder))
        self.folder = folder
        self._captions = Captions(captions) if captions else None

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take the folder and its captions."""
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--captions",
            type=Path,
            metavar="FILE",
            help=".csv or .jsonl with a column “file” and others such as title and description",
        )

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Self:
        """Open the folder; raises `SourceError` if the captions are unusable."""
        captions = options["captions"]
        return cls(Path(options["folder"]), Path(captions) if captions else None)

    def records(self) -> Iterator[Item]:
        """Yield every picture's record, in the order of their paths; raises `SourceError`."""
        paths = self._pictures()
        ids = _ids(paths)
        captions: dict[str, Caption] = {}
        without: set[str] = set()  # works whose stored caption stays as it is
        if self._captions:
            captions = {normal(file): caption for file, caption in self._captions.by_file.items()}
            for rejected in self._captions.rejected:
                file = normal(self._captions.files.get(rejected, ""))
                without.add(file)
                yield rejected._replace(artic_id=ids.get(file))
            yield from self._unused(paths)
        for name, artic_id in ids.items():
            if name not in without:
                yield self._item(artic_id, name, paths[name], captions.get(name, {}))

    def _item(self, artic_id: int, name: str, path: Path, caption: Caption) -> Item:
        try:
            return _record(artic_id, name, path, _facts(path), caption)
        except (OSError, ValueError, decoding.InvalidPictureError) as error:
            place = str(self.folder / name).encode(errors="replace").decode()  # it will be stored
            why = str(error) or type(error).__name__
            message = f"{place} cannot be used: {why}"
            return Rejected(place, "not-a-picture", message, artic_id)

    def _pictures(self) -> dict[str, Path]:
        """Return the pictures by their path within the folder, in its order."""
        if not self.folder.is_dir():
            raise SourceError(f"{self.folder} is no folder", "no-folder")
        pictures = {
            normal(path.relative_to(self.folder).as_posix()): path
            for path in _files(self.folder)
            if path.suffix.lower() in SUFFIXES
        }
        if not pictures:
            kinds = ", ".join(sorted(SUFFIXES))
            raise SourceError(f"{self.folder} holds no pictures ({kinds})", "no-records")
        return dict(sorted(pictures.items()))

    def _unused(self, paths: dict[str, Path]) -> Iterator[Rejected]:
        assert self._captions is not None  # noqa: S101 - the caller has looked
        for file in self._captions.by_file:
            if normal(file) not in paths:
                place = f"{self._captions.place(file)}, column file"
                message = f"{place}: {self.folder} holds no picture {file}"
                yield Rejected(place, "missing-file", message)


def public_id(name: str) -> int:
    """Return the id of the picture at this path, from 3,000,000,000 up: 40 bits of its hash."""
    digest = hashlib.blake2b(normal(name).encode(errors="surrogateescape"), digest_size=5).digest()
    return FIRST_ID + int.from_bytes(digest, "big")


def normal(name: str) -> str:
    """Return one spelling of a path: macOS and Linux write accents in different ways."""
    return unicodedata.normalize("NFC", name)


def _ids(paths: dict[str, Path]) -> dict[str, int]:
    names: dict[int, str] = {}
    for name in paths:
        other = names.setdefault(public_id(name), name)
        if other != name:
            raise SourceError(
                f"{name} and {other} would have the same id, {public_id(name)}: rename one of them",
                "id-collision",
            )
    return {name: id_ for id_, name in names.items()}


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below `folder`, but hidden ones and those in linked folders."""
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(path, name)


class _Facts(NamedTuple):
    width: int
    height: int
    sha256: str
    modified: datetime


def _facts(path: Path) -> _Facts:
    """Read a picture's header; whether its pixels can be decoded shows when it is stored."""
    status = path.stat()
    if status.st_size > MAX_FILE_BYTES:
        raise ValueError(f"{status.st_size} bytes are more than the {MAX_FILE_BYTES} allowed")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        with decoding.open_picture(file) as picture:
            width, height = picture.size
            if decoding.is_sideways(picture):
                width, height = height, width
    return _Facts(width, height, digest, datetime.fromtimestamp(status.st_mtime, UTC))


def _record(artic_id: int, name: str, path: Path, facts: _Facts, caption: Caption) -> Record:
    title = _text(caption, "title") or _title(name)
    artist = _text(caption, "artist")
    return Record(
        artic_id=artic_id,
        title=title,
        alt_titles=_texts(caption, "alt_titles"),
        accession_number=_text(caption, "accession_number"),
        # Works of one name are one artist's; AIC's ids of agents are far below.
        artist_artic_id=public_id(f"artist:{artist.casefold()}") if artist else None,
        artist_name=artist,
        artist_display=artist,
        date_display=_text(caption, "date"),
        date_start=caption.get("date_start"),
        date_end=caption.get("date_end", caption.get("date_start")),
        place_of_origin=_text(caption, "place"),
        medium_display=_text(caption, "medium"),
        dimensions=_text(caption, "dimensions"),
        credit_line=_text(caption, "credit"),
        inscriptions=_text(caption, "inscriptions"),
        copyright_notice=_text(caption, "copyright"),
        department=_text(caption, "department"),
        artwork_type=_text(caption, "type"),
        classification_titles=_texts(caption, "classifications"),
        style_titles=_texts(caption, "styles"),
        subject_titles=_texts(caption, "subjects"),
        material_titles=_texts(caption, "materials"),
        technique_titles=_texts(caption, "techniques"),
        term_titles=_texts(caption, "terms"),
        is_public_domain=caption.get("public_domain"),
        is_on_view=caption.get("on_view", False),
        gallery_title=_text(caption, "gallery"),
        image_id=facts.sha256,
        image_file=path,
        image_width=facts.width,
        image_height=facts.height,
        source_updated_at=facts.modified,
        texts=tuple(_descriptions(caption, title)),
    )


def _descriptions(caption: Caption, title: str) -> Iterator[Text]:
    """Yield the texts about the work; a caption is plain text, so it is escaped for HTML."""
    if description := _text(caption, "description"):
        text = Text.from_html("description", html.escape(description, quote=False))
        if text:
            yield text
    if alt_text := _text(caption, "alt_text"):
        yield Text.alt_text(alt_text, title)


def _text(caption: Caption, name: str) -> str | None:
    return storable(caption.get(name) or "") or None


def _texts(caption: Caption, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for each in caption.get(name, []) if (text := storable(each))))


def _title(name: str) -> str:
    """`views/old_harbor-1.jpg` → `old harbor 1`."""
    title = storable(Path(name).stem.replace("_", " ").replace("-", " "))
    return title or storable(name) or UNTITLED
