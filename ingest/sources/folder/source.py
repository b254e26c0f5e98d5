"""A folder of pictures, with or without captions, as records in the form of AIC's API."""

import hashlib
import html
import os
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ingest.http.errors import SourceError
from ingest.sources.base import Collection, Rejected
from ingest.sources.folder.captions import Caption, Captions
from museum.images import decoding

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".jp2", ".avif"}
# AIC's ids are below a million; generated works have theirs from 2,000,000,001.
FIRST_ID = 3_000_000_000
MAX_BYTES = 512 * 1024 * 1024


class FolderRecord(NamedTuple):
    """One record as the API's JSON has it, and where its picture is."""

    raw: dict[str, Any]
    picture: Path


class FolderSource:
    """The pictures in `folder` and below, each a work of the source `folder`.

    Ids are public and lasting: a hash of the path within the folder, so a renamed file is another
    work. `image_id` is a hash of the file, so a replaced picture is fetched anew. A picture's
    rights are not known, unless its caption says that it is in the public domain.

    What is rejected: pictures that cannot be read, pictures whose caption is wrong, captions that
    come twice or name no picture. Two paths with one id end the load before any record (among
    100,000 pictures that happens once in 200 collections).
    """

    collection = Collection("folder", False, "", "", "")

    def __init__(self, folder: Path, captions: Path | None = None) -> None:
        self.folder = folder
        self.rejected: list[Rejected] = []
        self.present: set[int] = set()
        self.files: dict[str, Path] = {}  # pictures of the records so far, by `image_id`
        self._captions = Captions(captions) if captions else None

    def records(self) -> Iterator[dict[str, Any]]:
        """Every picture's record, in the order of their paths; raises `SourceError`."""
        for record in self.works():
            self.files[record.raw["image_id"]] = record.picture
            yield record.raw

    def works(self) -> Iterator[FolderRecord]:
        """The same with each picture's path; raises `SourceError`."""
        paths = self._pictures()
        captions = self._captions.by_file if self._captions else {}
        captions = {normal(file): caption for file, caption in captions.items()}
        if self._captions:
            self.rejected += self._captions.rejected
            self._reject_unused(paths)
        broken = {normal(file) for file in self._captions.broken} if self._captions else set()
        ids = _ids(paths)
        self.present = set(ids.values())
        for name, id_ in ids.items():
            if name in broken:
                continue  # what is stored of it stays as it is
            try:
                facts = _facts(paths[name])
            except (OSError, ValueError, decoding.InvalidPictureError) as error:
                why = str(error) or type(error).__name__
                self._reject(name, "not-a-picture", why, id_)
                continue
            yield FolderRecord(_record(id_, name, facts, captions.get(name, {})), paths[name])

    def _pictures(self) -> dict[str, Path]:
        """Pictures by their path within the folder, in its order."""
        if not self.folder.is_dir():
            raise SourceError(f"{self.folder} is no folder", "no-folder")
        found = {
            normal(path.relative_to(self.folder).as_posix()): path
            for path in _files(self.folder)
            if path.suffix.lower() in SUFFIXES
        }
        if not found:
            kinds = ", ".join(sorted(SUFFIXES))
            raise SourceError(f"{self.folder} holds no pictures ({kinds})", "no-records")
        return dict(sorted(found.items()))

    def _reject_unused(self, paths: dict[str, Path]) -> None:
        assert self._captions is not None  # noqa: S101 - the caller has looked
        for file in self._captions.by_file:
            if normal(file) not in paths:
                place = f"{self._captions.place(file)}, column file"
                message = f"{place}: {self.folder} holds no picture {file}"
                self.rejected.append(Rejected(place, "missing-file", message))

    def _reject(self, name: str, code: str, why: str, id_: int) -> None:
        place = str(self.folder / name).encode(errors="replace").decode()  # it will be stored
        self.rejected.append(Rejected(place, code, f"{place} cannot be used: {why}", id_))


def public_id(name: str) -> int:
    """The id of the picture at this path, from 3,000,000,000 up: 40 bits of its hash."""
    digest = hashlib.blake2b(normal(name).encode(errors="surrogateescape"), digest_size=5).digest()
    return FIRST_ID + int.from_bytes(digest, "big")


def normal(name: str) -> str:
    """One spelling of a path: macOS and Linux write accents in different ways."""
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
    """Files below `folder`; hidden ones, and folders reached by links only, are left out."""
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
    """What a picture's header says; whether its pixels can be decoded is seen when it is stored."""
    status = path.stat()
    if status.st_size > MAX_BYTES:
        raise ValueError(f"{status.st_size} bytes are more than the {MAX_BYTES} allowed")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        with decoding.open_picture(file) as picture:
            width, height = picture.size
            if decoding.is_sideways(picture):
                width, height = height, width
    return _Facts(width, height, digest, datetime.fromtimestamp(status.st_mtime, UTC))


def _record(id_: int, name: str, facts: _Facts, caption: Caption) -> dict[str, Any]:
    """The record in AIC's keys. Texts of captions are plain, so they are escaped for HTML."""
    artist = caption.get("artist")
    description = caption.get("description")
    return {
        "id": id_,
        "title": caption.get("title") or _title(name),
        "alt_titles": caption.get("alt_titles", []),
        "main_reference_number": caption.get("accession_number"),
        # Works of one name are one artist's; AIC's ids of agents are far below.
        "artist_id": public_id(f"artist:{artist.casefold()}") if artist else None,
        "artist_title": artist,
        "artist_display": artist,
        "date_display": caption.get("date"),
        "date_start": caption.get("date_start"),
        "date_end": caption.get("date_end", caption.get("date_start")),
        "place_of_origin": caption.get("place"),
        "medium_display": caption.get("medium"),
        "dimensions": caption.get("dimensions"),
        "credit_line": caption.get("credit"),
        "inscriptions": caption.get("inscriptions"),
        "copyright_notice": caption.get("copyright"),
        "department_title": caption.get("department"),
        "artwork_type_title": caption.get("type"),
        "classification_titles": caption.get("classifications", []),
        "style_titles": caption.get("styles", []),
        "subject_titles": caption.get("subjects", []),
        "material_titles": caption.get("materials", []),
        "technique_titles": caption.get("techniques", []),
        "term_titles": caption.get("terms", []),
        "category_titles": [],
        "is_public_domain": caption.get("public_domain"),
        "is_on_view": caption.get("on_view", False),
        "gallery_title": caption.get("gallery"),
        "image_id": facts.sha256,
        "thumbnail": {
            "lqip": None,
            "width": facts.width,
            "height": facts.height,
            "alt_text": caption.get("alt_text"),
        },
        "description": html.escape(description, quote=False) if description else None,
        "short_description": None,
        "updated_at": facts.modified.isoformat(),
    }


def _title(name: str) -> str:
    """`views/old_harbor-1.jpg` → `old harbor 1`."""
    return Path(name).stem.replace("_", " ").replace("-", " ").strip() or name
