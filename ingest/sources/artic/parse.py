"""AIC's JSON → a record. Pure: no database, no network; see `ingest.sources.fields`."""

import re
from typing import Any

from ingest.sources.fields import LARGEST_ID, LARGEST_INT, Fields
from ingest.sources.record import UNTITLED, InvalidRecordError, Record, Text

_IMAGE_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,199}", re.ASCII)

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
    "description",
    "short_description",
    "updated_at",
)


def parse(raw: Any) -> Record:
    """Map one object of the API's `data`; raises `InvalidRecordError`."""
    fields = Fields(raw)
    artic_id = fields.id("id")
    try:
        return _record(fields, artic_id)
    except InvalidRecordError as error:
        error.artic_id = artic_id
        raise


def _record(fields: Fields, artic_id: int) -> Record:
    title = fields.text("title") or UNTITLED
    thumbnail = fields.object("thumbnail") or Fields({}, "thumbnail.")
    return Record(
        artic_id=artic_id,
        title=title,
        alt_titles=fields.texts("alt_titles"),
        accession_number=fields.text("main_reference_number"),
        artist_artic_id=fields.integer("artist_id", 0, LARGEST_ID),
        artist_name=fields.text("artist_title"),
        artist_display=fields.text("artist_display"),
        date_display=fields.text("date_display"),
        date_start=fields.integer("date_start"),
        date_end=fields.integer("date_end"),
        place_of_origin=fields.text("place_of_origin"),
        medium_display=fields.text("medium_display"),
        dimensions=fields.text("dimensions"),
        credit_line=fields.text("credit_line"),
        inscriptions=fields.text("inscriptions"),
        copyright_notice=fields.text("copyright_notice"),
        department=fields.text("department_title"),
        artwork_type=fields.text("artwork_type_title"),
        classification_titles=fields.texts("classification_titles"),
        style_titles=fields.texts("style_titles"),
        subject_titles=fields.texts("subject_titles"),
        material_titles=fields.texts("material_titles"),
        technique_titles=fields.texts("technique_titles"),
        term_titles=fields.texts("term_titles"),
        category_titles=fields.texts("category_titles"),
        is_public_domain=fields.boolean("is_public_domain"),
        is_on_view=bool(fields.boolean("is_on_view")),
        gallery_title=fields.text("gallery_title"),
        image_id=_image_id(fields),
        image_width=thumbnail.integer("width", 0, LARGEST_INT),
        image_height=thumbnail.integer("height", 0, LARGEST_INT),
        lqip=_lqip(thumbnail),
        source_updated_at=fields.time("updated_at"),
        texts=tuple(_texts(fields, thumbnail.text("alt_text"), title)),
    )


def _texts(fields: Fields, alt_text: str | None, title: str) -> list[Text]:
    texts = [
        text
        for source in ("description", "short_description")
        if (markup := fields.text(source)) and (text := Text.from_html(source, markup))
    ]
    return [*texts, Text.alt_text(alt_text, title)] if alt_text else texts


def _image_id(fields: Fields) -> str | None:
    # It becomes part of a URL and, in folders of pictures, of a file name.
    value = fields.text("image_id")
    if value is not None and not _IMAGE_ID.fullmatch(value):
        raise InvalidRecordError("image_id", value, "letters, digits, dots and hyphens")
    return value


def _lqip(thumbnail: Fields) -> str | None:
    # It goes into pages as it is; anything but an inline picture is left out.
    value = thumbnail.text("lqip")
    return value if value and value.startswith("data:image/") else None
