"""A work as every source gives it, whatever museum it comes from."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from ingest.http.errors import SourceError
from ingest.sources.text import is_boilerplate
from museum.core.text.markup import clean_html, plain_text

UNTITLED = "Untitled"


class InvalidRecordError(SourceError):
    """A value that its field cannot have; the code is such as `bad-date-start`.

    `artic_id` is the record's id, or None where even that is wrong.
    """

    def __init__(self, field: str, value: Any, expected: str, artic_id: int | None = None) -> None:
        self.field, self.artic_id = field, artic_id
        super().__init__(
            f"{field} is {json.dumps(value, default=str)[:200]}; expected {expected}",
            f"bad-{field}".replace(".", "-").replace("_", "-").lower(),
        )


class Text(NamedTuple):
    """One text about a work.

    `source` is the kind of text, one of `museum.models.Description.Source`: `description`,
    `short_description` or `alt_text`. `text` is plain; `html` is the same with its markup, cleaned,
    or "". `is_boilerplate` marks a text that says nothing of the picture.
    """

    source: str
    text: str
    html: str = ""
    is_boilerplate: bool = False

    @classmethod
    def from_html(cls, source: str, markup: str) -> Self | None:
        """Clean `markup`; None where no text is left of it."""
        cleaned = clean_html(markup)
        text = plain_text(cleaned)
        return cls(source, text, cleaned) if text else None

    @classmethod
    def alt_text(cls, text: str, title: str) -> Self:
        """Take an alternative text, and mark it where it only repeats the medium or the title."""
        return cls("alt_text", text, "", is_boilerplate(text, title))


@dataclass(frozen=True, slots=True)
class Record:
    """One work. Only the id is required.

    ==========================  ==================================================================
    `artic_id`                  public id, for ever: a whole number that no other source uses
    `title`, `alt_titles`       in any script
    `accession_number`          the museum's own number, such as `1933.1157`
    `artist_artic_id`           the same for all works of an artist; None: no artist of their own
    `artist_name`               the artist's name, such as `Claude Monet`
    `artist_display`            the by-line as the museum writes it, with nationality and years
    `date_display`              the date as the museum writes it, such as `c. 1888`
    `date_start`, `date_end`    years; negative before the common era
    `place_of_origin`           such as `France`
    `medium_display`            such as `Oil on canvas`
    `dimensions`                as the museum writes them, with their units
    `credit_line`, `inscriptions`, `copyright_notice`, `department`, `gallery_title`
                                as the museum writes them
    `artwork_type`              such as `Painting`
    `…_titles`                  terms: classifications, styles, subjects, materials, techniques,
                                other terms, categories
    `is_public_domain`          None where the museum does not say; then it counts as no
    `is_on_view`                whether it hangs in a gallery now
    `image_id`                  name of the picture; another picture must have another name. At a
                                IIIF service it is the picture's identifier. Letters, digits, dots
                                and hyphens
    `iiif_url`                  base of the IIIF Image API that serves `image_id`; None: that of the
                                `Collection`
    `image_url`                 address of the picture, where no IIIF service serves it
    `image_file`                the picture on this machine
    `image_width`, `image_height`  pixels of the full picture, upright
    `lqip`                      blurred placeholder, a `data:image/…` URI of some 100 bytes
    `source_updated_at`         when the museum last changed the record
    `texts`                     at most one `Text` of each kind
    ==========================  ==================================================================

    With `image_url` or `image_file` alone, `image_id` is made from the address.
    """

    artic_id: int
    title: str = UNTITLED
    alt_titles: tuple[str, ...] = ()
    accession_number: str | None = None
    artist_artic_id: int | None = None
    artist_name: str | None = None
    artist_display: str | None = None
    date_display: str | None = None
    date_start: int | None = None
    date_end: int | None = None
    place_of_origin: str | None = None
    medium_display: str | None = None
    dimensions: str | None = None
    credit_line: str | None = None
    inscriptions: str | None = None
    copyright_notice: str | None = None
    department: str | None = None
    artwork_type: str | None = None
    classification_titles: tuple[str, ...] = ()
    style_titles: tuple[str, ...] = ()
    subject_titles: tuple[str, ...] = ()
    material_titles: tuple[str, ...] = ()
    technique_titles: tuple[str, ...] = ()
    term_titles: tuple[str, ...] = ()
    category_titles: tuple[str, ...] = ()
    is_public_domain: bool | None = None
    is_on_view: bool = False
    gallery_title: str | None = None
    image_id: str | None = None
    image_width: int | None = None
    image_height: int | None = None
    lqip: str | None = None
    source_updated_at: datetime | None = None
    texts: tuple[Text, ...] = ()
    iiif_url: str | None = None
    image_url: str | None = None
    image_file: Path | None = None

    def __post_init__(self) -> None:
        place = self.image_url or self.image_file
        if place and not self.image_id:
            name = hashlib.sha256(str(place).encode(errors="surrogateescape")).hexdigest()
            object.__setattr__(self, "image_id", name)


# Where a picture lies is no part of what a record says: it may move without a change.
_PLACES = ("iiif_url", "image_url", "image_file")
# What is stored of a record, in the order in which it is hashed; a change loads every work again.
HASHED = tuple(field.name for field in fields(Record) if field.name not in _PLACES)


def digest(record: Record, *stored_with: str) -> str:
    """Return 128 bits of hash, in hex, over the record and whatever else is stored with it."""
    values = [getattr(record, name) for name in HASHED]
    content = json.dumps([values, stored_with], default=str, separators=(",", ":"), sort_keys=True)
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
