"""AIC's JSON → a validated record. Pure: no database, no network.

An absent key counts as null, and so does an empty string. Odd values of the right kind stay as
they are: dates may be negative or reversed, titles hold any script. A value of the wrong kind
raises `InvalidRecordError`, which names the field and the value.
"""

import math
import re
from datetime import UTC, datetime
from typing import Any

from ingest.sources.record import InvalidRecordError, Record, Text
from ingest.sources.text import is_boilerplate, storable
from museum.core.text.markup import clean_html, plain_text

UNTITLED = "Untitled"
LARGEST_ID = 2**63 - 1
LARGEST_INT = 2**31 - 1
_IMAGE_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,199}", re.ASCII)
_COLOR_NUMBERS = ("h", "s", "l", "percentage", "population")

# Exactly what is asked of the API (`fields=`): what is used below and nothing else.
FIELDS = (
    "id",
    "title",
    "alt_titles",
    "main_reference_number",
    "artist_id",
    "artist_title",
    "artist_display",
    "date_display",
    "date_start",
    "date_end",
    "place_of_origin",
    "medium_display",
    "dimensions",
    "credit_line",
    "inscriptions",
    "copyright_notice",
    "department_title",
    "artwork_type_title",
    "classification_titles",
    "style_titles",
    "subject_titles",
    "material_titles",
    "technique_titles",
    "term_titles",
    "category_titles",
    "is_public_domain",
    "is_on_view",
    "gallery_title",
    "image_id",
    "thumbnail",
    "color",
    "description",
    "short_description",
    "updated_at",
)


def parse(raw: Any) -> Record:
    """Map one object of the API's `data`; raises `InvalidRecordError`."""
    if not isinstance(raw, dict):
        raise InvalidRecordError("record", raw, "an object")
    artic_id = _integer(raw, "id", 1, LARGEST_ID)
    if artic_id is None:
        raise InvalidRecordError("id", None, "a whole number")
    try:
        return _parse(raw, artic_id)
    except InvalidRecordError as error:
        error.artic_id = artic_id
        raise


def _parse(raw: dict[str, Any], artic_id: int) -> Record:
    title = _string(raw, "title") or UNTITLED
    thumbnail = _object(raw, "thumbnail") or {}
    return Record(
        artic_id=artic_id,
        title=title,
        alt_titles=_names(raw, "alt_titles"),
        accession_number=_string(raw, "main_reference_number"),
        artist_artic_id=_integer(raw, "artist_id", 0, LARGEST_ID),
        artist_name=_string(raw, "artist_title"),
        artist_display=_string(raw, "artist_display"),
        date_display=_string(raw, "date_display"),
        date_start=_integer(raw, "date_start", -LARGEST_INT, LARGEST_INT),
        date_end=_integer(raw, "date_end", -LARGEST_INT, LARGEST_INT),
        place_of_origin=_string(raw, "place_of_origin"),
        medium_display=_string(raw, "medium_display"),
        dimensions=_string(raw, "dimensions"),
        credit_line=_string(raw, "credit_line"),
        inscriptions=_string(raw, "inscriptions"),
        copyright_notice=_string(raw, "copyright_notice"),
        department=_string(raw, "department_title"),
        artwork_type=_string(raw, "artwork_type_title"),
        classification_titles=_names(raw, "classification_titles"),
        style_titles=_names(raw, "style_titles"),
        subject_titles=_names(raw, "subject_titles"),
        material_titles=_names(raw, "material_titles"),
        technique_titles=_names(raw, "technique_titles"),
        term_titles=_names(raw, "term_titles"),
        category_titles=_names(raw, "category_titles"),
        is_public_domain=_boolean(raw, "is_public_domain"),
        is_on_view=bool(_boolean(raw, "is_on_view")),
        gallery_title=_string(raw, "gallery_title"),
        image_id=_image_id(raw),
        image_width=_integer(thumbnail, "width", 0, LARGEST_INT, "thumbnail."),
        image_height=_integer(thumbnail, "height", 0, LARGEST_INT, "thumbnail."),
        lqip=_lqip(thumbnail),
        color=_color(raw),
        source_updated_at=_time(raw, "updated_at"),
        texts=tuple(_texts(raw, _string(thumbnail, "alt_text", "thumbnail."), title)),
    )


def _texts(raw: dict[str, Any], alt_text: str | None, title: str) -> list[Text]:
    found = []
    for source in ("description", "short_description"):
        if value := _string(raw, source):
            cleaned = clean_html(value)
            if text := plain_text(cleaned):
                found.append(Text(source, text, cleaned, False))
    if alt_text:
        found.append(Text("alt_text", alt_text, "", is_boilerplate(alt_text, title)))
    return found


def _string(raw: dict[str, Any], name: str, within: str = "") -> str | None:
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidRecordError(within + name, value, "text or null")
    return storable(value) or None


def _names(raw: dict[str, Any], name: str) -> tuple[str, ...]:
    value = raw.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(v is None or isinstance(v, str) for v in value):
        raise InvalidRecordError(name, value, "a list of texts or null")
    return tuple(dict.fromkeys(text for v in value if v and (text := storable(v))))


def _integer(raw: dict[str, Any], name: str, least: int, most: int, within: str = "") -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidRecordError(
            within + name, value, f"a whole number from {least} to {most} or null"
        )
    return value


def _boolean(raw: dict[str, Any], name: str) -> bool | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidRecordError(name, value, "true, false or null")
    return value


def _object(raw: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, dict):
        raise InvalidRecordError(name, value, "an object or null")
    return value


def _color(raw: dict[str, Any]) -> dict[str, float] | None:
    color = _object(raw, "color")
    if not color:
        return None
    numbers = {name: color.get(name) for name in _COLOR_NUMBERS}
    for name, value in numbers.items():
        if value is None and name not in {"h", "s", "l"}:
            continue
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not math.isfinite(value)
        ):
            raise InvalidRecordError(f"color.{name}", value, "a number")
    return {name: value for name, value in numbers.items() if value is not None}


def _image_id(raw: dict[str, Any]) -> str | None:
    # It becomes part of a URL and, in folders of pictures, of a file name.
    value = _string(raw, "image_id")
    if value is not None and not _IMAGE_ID.fullmatch(value):
        raise InvalidRecordError("image_id", value, "letters, digits, dots and hyphens")
    return value


def _lqip(thumbnail: dict[str, Any]) -> str | None:
    # It goes into pages as it is; anything but an inline picture is left out.
    value = _string(thumbnail, "lqip", "thumbnail.")
    return value if value and value.startswith("data:image/") else None


def _time(raw: dict[str, Any], name: str) -> datetime | None:
    value = _string(raw, name)
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRecordError(
            name, value, "a date and time such as 2024-01-31T12:00:00Z"
        ) from error
