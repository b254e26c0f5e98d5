"""A record as every source hands it over, whatever museum it comes from."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple


class InvalidRecordError(Exception):
    """A record that cannot be taken; `artic_id` is None where even the id is wrong."""

    def __init__(self, field: str, value: Any, expected: str, artic_id: int | None = None) -> None:
        self.field, self.artic_id = field, artic_id
        super().__init__(f"{field} is {json.dumps(value, default=str)[:200]}; expected {expected}")


class Text(NamedTuple):
    """One text of a work; `source` is one of museum's `Description.Source`."""

    source: str
    text: str
    html: str
    is_boilerplate: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One work as it is stored; names are those of `museum.models.artwork.Artwork`.

    `is_public_domain` is None where the museum does not say. Dates are years, sizes pixels.
    """

    artic_id: int
    title: str
    alt_titles: tuple[str, ...]
    accession_number: str | None
    artist_artic_id: int | None
    artist_name: str | None
    artist_display: str | None
    date_display: str | None
    date_start: int | None
    date_end: int | None
    place_of_origin: str | None
    medium_display: str | None
    dimensions: str | None
    credit_line: str | None
    inscriptions: str | None
    copyright_notice: str | None
    department: str | None
    artwork_type: str | None
    classification_titles: tuple[str, ...]
    style_titles: tuple[str, ...]
    subject_titles: tuple[str, ...]
    material_titles: tuple[str, ...]
    technique_titles: tuple[str, ...]
    term_titles: tuple[str, ...]
    category_titles: tuple[str, ...]
    is_public_domain: bool | None
    is_on_view: bool
    gallery_title: str | None
    image_id: str | None
    image_width: int | None
    image_height: int | None
    lqip: str | None
    color: dict[str, float] | None
    source_updated_at: datetime | None
    texts: tuple[Text, ...]


NAMES = tuple(field.name for field in fields(Record))


def digest(record: Record, *stored_with: str) -> str:
    """128 bits of hash, in hex, over the record and whatever else is stored with it."""
    values = [getattr(record, name) for name in NAMES]
    content = json.dumps([values, stored_with], default=str, separators=(",", ":"), sort_keys=True)
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
