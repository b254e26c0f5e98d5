"""Records → rows, in bulk; an unchanged record is not written at all.

However many records a batch has, it costs one read of hashes and, where something changed, one
statement for artists, one for artworks and two for texts. Rows are written in the order of their
keys, so that two loads at once wait for each other and never deadlock.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from ingest.sources.base import Collection
from ingest.sources.record import HASHED, Record, digest
from museum.models import Artist, Artwork, Description, ImageStatus, curated_fields

LANGUAGE = "en"
NOT_SAID = "the record does not say whether the work is in the public domain"
# The source's texts; a load never touches those of curators and models.
MUSEUM_TEXTS = (
    Description.Source.DESCRIPTION,
    Description.Source.SHORT_DESCRIPTION,
    Description.Source.ALT_TEXT,
)
# "Workshop of Titian" may come with Titian's own id: it names the work's maker, not the artist.
_QUALIFIED = re.compile(
    r"^(after|attributed|circle|follower|imitator|in the style|manner|possibly|probably|school|"
    r"studio|style|workshop)\b|\b(attributed to|follower of|circle of|workshop of)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Loaded:
    """How many records were new, changed, or as they were."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class _Row:
    """A record with what is stored beside it."""

    record: Record
    hash: str
    iiif_url: str | None
    image_status: str
    image_reason: str


@transaction.atomic
def load(records: Sequence[Record], collection: Collection, *, all_images: bool = False) -> Loaded:
    """Store `records`; of two with the same id the first is stored, the other counts as unchanged.

    With `all_images`, pictures of works outside the public domain are wanted, too.
    """
    rows: dict[int, _Row] = {}
    for record in records:
        rows.setdefault(record.artic_id, _row(record, collection, all_images))
    known = _known(list(rows))
    changed = [
        row
        for artic_id, row in sorted(rows.items())
        if artic_id not in known or known[artic_id].needs(row)
    ]
    created, updated = _write(changed, collection)
    written = {row.record.artic_id for row in changed}
    _settle([row for id_, row in sorted(rows.items()) if id_ not in written], known)
    return Loaded(created, updated, len(records) - created - updated)


def _row(record: Record, collection: Collection, all_images: bool) -> _Row:
    hashed_with = (
        collection.source,
        str(collection.is_generated),
        collection.licence,
        collection.description_licence,
    )
    status, reason = _image_state(record, all_images or collection.is_generated)
    iiif_url = record.iiif_url or collection.lasting_iiif_url
    return _Row(record, digest(record, *hashed_with), iiif_url, status, reason)


def _image_state(record: Record, all_images: bool) -> tuple[str, str]:
    """Decide what to do about the picture: status and reason.

    Only pictures of public-domain works are downloaded, as AIC asks. A record that does not say
    counts as not in the public domain.
    """
    if record.image_id is None:
        return ImageStatus.NONE, ""
    if record.is_public_domain or all_images:
        return ImageStatus.PENDING, ""
    return ImageStatus.RESTRICTED, NOT_SAID if record.is_public_domain is None else ""


# --- What is there --------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Known:
    """What the database holds of one work, as far as it matters for whether to write."""

    hash: str
    image_status: str
    iiif_url: str | None
    image_url: str | None
    is_withdrawn: bool

    def needs(self, row: _Row) -> bool:
        return self.hash != row.hash or self.is_withdrawn


def _known(artic_ids: list[int]) -> dict[int, _Known]:
    rows = Artwork.objects.filter(artic_id__in=artic_ids).values_list(
        "artic_id", "record_hash", "image_status", "iiif_url", "image_url", "withdrawn_at"
    )
    return {
        artic_id: _Known(hash_, status, iiif_url, image_url, withdrawn_at is not None)
        for artic_id, hash_, status, iiif_url, image_url, withdrawn_at in rows
    }


# --- Writing --------------------------------------------------------------------------------------
_PLAIN = [name for name in HASHED if name not in {"artist_artic_id", "artist_name", "texts"}]
_STORED = [*_PLAIN, "source", "is_generated", "iiif_url", "image_url", "record_hash"]
_IMAGE = ["image_status", "image_reason"]
# The picture of a new image_id is to be fetched again; of the same one, what is known stays,
# unless it was only waiting or not wanted.
_NEW_IMAGE = "museum_artwork.image_id IS DISTINCT FROM excluded.image_id"
_FREE = "museum_artwork.image_status IN ('none', 'pending', 'restricted')"


def _types(model: type[models.Model], names: Sequence[str]) -> str:
    """Column definitions for `json_to_recordset`, from the model's own fields."""
    columns = (model._meta.get_field(name) for name in names)
    return ", ".join(f"{field.column} {field.db_type(connection)}" for field in columns)  # type: ignore[union-attr]


def _artwork_sql() -> str:
    names = ", ".join([*_STORED, *_IMAGE])
    sets = ", ".join(_set(name) for name in _STORED)
    kept = ", ".join(
        f"{name} = CASE WHEN {_NEW_IMAGE} OR {_FREE} THEN excluded.{name} "
        f"ELSE museum_artwork.{name} END"
        for name in _IMAGE
    )
    return f"""
        INSERT INTO museum_artwork ({names}, artist_id, image_sha256, created_at, updated_at,
                                    is_hidden, boost)
        SELECT {", ".join(f"r.{name}" for name in [*_STORED, *_IMAGE])}, artist.id, '', now(),
               now(), false, 0
        FROM json_to_recordset(%s::json)
             AS r({_types(Artwork, [*_STORED, *_IMAGE])}, artist_artic_id bigint)
        LEFT JOIN museum_artist artist ON artist.artic_id = r.artist_artic_id
        ORDER BY r.artic_id
        ON CONFLICT (artic_id) DO UPDATE SET {sets}, {kept},
            {_set("artist_id", "artist")},
            image_sha256 = CASE WHEN {_NEW_IMAGE} THEN '' ELSE museum_artwork.image_sha256 END,
            image_checked_at =
                CASE WHEN {_NEW_IMAGE} THEN NULL ELSE museum_artwork.image_checked_at END,
            withdrawn_at = NULL,
            updated_at = now()
        WHERE museum_artwork.record_hash IS DISTINCT FROM excluded.record_hash
              OR museum_artwork.withdrawn_at IS NOT NULL
        RETURNING id, artic_id, xmax = 0
    """  # noqa: S608 - only names of our own columns are put together


def _set(column: str, field: str = "") -> str:
    field = field or column
    if field not in curated_fields.FIELDS:
        return f"{column} = excluded.{column}"
    return (
        f"{column} = CASE WHEN '{field}' = ANY(museum_artwork.curated_fields) "
        f"THEN museum_artwork.{column} ELSE excluded.{column} END"
    )


# With their vectors, which Django's ON DELETE knows of and the database does not.
_DELETE_TEXTS = """
    WITH gone AS (
        DELETE FROM museum_description AS d
        WHERE d.artwork_id = ANY(%s) AND d.source = ANY(%s) AND d.language = %s
          AND NOT EXISTS (
              SELECT FROM json_to_recordset(%s::json) AS r(artwork_id bigint, source text)
              WHERE r.artwork_id = d.artwork_id AND r.source = d.source)
        RETURNING d.id)
    DELETE FROM search_embedding WHERE description_id IN (SELECT id FROM gone)
"""
# A text keeps its row, so that what refers to it can tell a change from a new text. What a curator
# decided about it stays as long as it reads the same; whether it is approved stays anyway.
_TEXTS = """
    INSERT INTO museum_description AS d (artwork_id, source, language, text, html, licence,
                                         is_boilerplate, is_approved, created_at, updated_at)
    SELECT r.artwork_id, r.source, %s, r.text, r.html, r.licence, r.is_boilerplate, true, now(),
           now()
    FROM json_to_recordset(%s::json) AS r(artwork_id bigint, source text, text text, html text,
                                          licence text, is_boilerplate boolean)
    ORDER BY r.artwork_id, r.source
    ON CONFLICT (artwork_id, source, language) DO UPDATE
    SET text = excluded.text, html = excluded.html, licence = excluded.licence,
        is_boilerplate = CASE WHEN d.reviewed_at IS NOT NULL AND d.text = excluded.text
                         THEN d.is_boilerplate ELSE excluded.is_boilerplate END,
        reviewed_at = CASE WHEN d.text = excluded.text THEN d.reviewed_at END,
        updated_at = now()
    WHERE (d.text, d.html, d.licence) IS DISTINCT FROM
          (excluded.text, excluded.html, excluded.licence)
       OR (d.is_boilerplate <> excluded.is_boilerplate AND d.reviewed_at IS NULL)
"""
_ARTISTS = """
    INSERT INTO museum_artist AS a (artic_id, name)
    SELECT r.artic_id, r.name FROM json_to_recordset(%s::json) AS r(artic_id bigint, name text)
    ORDER BY r.artic_id
    ON CONFLICT (artic_id) DO UPDATE SET name = excluded.name
    WHERE a.name <> excluded.name AND NOT a.is_corrected AND NOT (excluded.name ~* %s)
"""
_SETTLE = """
    UPDATE museum_artwork AS a
    SET iiif_url = r.iiif_url,
        image_url = r.image_url,
        image_status = CASE WHEN a.image_status IN ('none', 'pending', 'restricted')
                       THEN r.image_status ELSE a.image_status END,
        image_reason = CASE WHEN a.image_status IN ('none', 'pending', 'restricted')
                       THEN r.image_reason ELSE a.image_reason END
    FROM json_to_recordset(%s::json)
         AS r(artic_id bigint, iiif_url text, image_url text, image_status text,
              image_reason text)
    WHERE a.artic_id = r.artic_id
"""


def _write(rows: list[_Row], collection: Collection) -> tuple[int, int]:
    """Upsert `rows` with their artists and texts; return how many were created and updated."""
    if not rows:
        return 0, 0
    with connection.cursor() as cursor:
        _write_artists(cursor, rows)
        cursor.execute(_artwork_sql(), [_json([_artwork(row, collection) for row in rows])])
        written = cursor.fetchall()
        keys = {artic_id: pk for pk, artic_id, _ in written}
        texts = [text for row in rows for text in _texts(row.record, keys, collection)]
        ours = [str(source) for source in MUSEUM_TEXTS]
        cursor.execute(_DELETE_TEXTS, [list(keys.values()), ours, LANGUAGE, _json(texts)])
        if texts:
            cursor.execute(_TEXTS, [LANGUAGE, _json(texts)])
    created = sum(is_new for _, _, is_new in written)
    return created, len(written) - created


def _write_artists(cursor: Any, rows: list[_Row]) -> None:
    names: dict[int, str] = {}
    for record in (row.record for row in rows):
        id_, name = record.artist_artic_id, record.artist_name
        if id_ is not None and name and (id_ not in names or not _QUALIFIED.search(name)):
            names[id_] = name
    if names:
        artists = [{"artic_id": id_, "name": name} for id_, name in names.items()]
        # Postgres spells a word boundary \y.
        cursor.execute(_ARTISTS, [_json(artists), _QUALIFIED.pattern.replace(r"\b", r"\y")])


def _artwork(row: _Row, collection: Collection) -> dict[str, Any]:
    record = row.record
    return {
        **{name: getattr(record, name) for name in _PLAIN},
        "is_public_domain": bool(record.is_public_domain),
        "artist_artic_id": record.artist_artic_id,
        "source": collection.source,
        "is_generated": collection.is_generated,
        "iiif_url": row.iiif_url,
        "image_url": record.image_url,
        "record_hash": row.hash,
        "image_status": row.image_status,
        "image_reason": row.image_reason,
    }


def _texts(record: Record, keys: dict[int, int], collection: Collection) -> list[dict[str, Any]]:
    if record.artic_id not in keys:
        return []  # another load wrote the same record meanwhile, texts and all
    return [
        {
            "artwork_id": keys[record.artic_id],
            "licence": collection.description_licence
            if text.source == Description.Source.DESCRIPTION
            else collection.licence,
            **text._asdict(),
        }
        for text in record.texts
    ]


def _settle(rows: list[_Row], known: dict[int, _Known]) -> None:
    """Update unchanged works in what is no part of their record: where the picture is, and whether
    it is wanted. In an ordinary run that is none of them."""
    free = {ImageStatus.NONE, ImageStatus.PENDING, ImageStatus.RESTRICTED}
    stale = []
    for row in rows:
        before = known[row.record.artic_id]
        place = (row.iiif_url, row.record.image_url)
        has_moved = place != (before.iiif_url, before.image_url)
        if has_moved or (before.image_status in free and before.image_status != row.image_status):
            stale.append(
                {
                    "artic_id": row.record.artic_id,
                    "iiif_url": row.iiif_url,
                    "image_url": row.record.image_url,
                    "image_status": row.image_status,
                    "image_reason": row.image_reason,
                }
            )
    if stale:
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE, [_json(stale)])


def analyze() -> None:
    """Refresh the planner's statistics, which pays after many changed rows."""
    with connection.cursor() as cursor:
        for model in (Artist, Artwork, Description):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def _json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)
