"""Unsplash Lite (https://github.com/unsplash/datasets), with pictures downloaded beside it.

The tables come without pictures: download each `photo_image_url` to `photos/PHOTO_ID.jpg`.
Photographs that Unsplash no longer has are skipped. `photo_description` is by the photographer;
most photographs only have Unsplash's `ai_description`, written by a model, which counts as alt
text.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from training.datasets import files
from training.datasets.dataset import Dataset, DatasetError, Item

LAYOUT = """expected Unsplash Lite as unpacked, with pictures beside it
  DIR/photos.tsv000              (or photos.csv000) a first line "photo_id<TAB>photo_url<TAB>…"
  DIR/keywords.tsv000            if you have it: keywords that photographers gave
  DIR/photos/XMyPniM9LF0.jpg …   downloaded from the column photo_image_url"""


def load(folder: Path) -> Dataset:
    """Read `folder`. Raises `DatasetError`, which shows the layout."""
    rows = list(_table(folder, "photos"))
    if not rows or "photo_id" not in rows[0]:
        raise DatasetError(f"{folder} has no photos.tsv000 with a column photo_id: {LAYOUT}")
    pictures = files.pictures_of([folder / "photos"])
    if not any(f"{row['photo_id']}.jpg" in pictures for row in rows):
        raise DatasetError(f"{folder}/photos has none of the {len(rows)} photographs: {LAYOUT}")
    keywords: dict[str, list[str]] = defaultdict(list)
    for row in _table(folder, "keywords"):
        if row.get("suggested_by_user") == "t":
            keywords[row["photo_id"]].append(row["keyword"])
    items = [
        _item(row, pictures[name], keywords[row["photo_id"]])
        for row in rows
        if (name := f"{row['photo_id']}.jpg") in pictures
    ]
    return Dataset(
        "unsplash",
        f"unsplash:{folder}",
        [item for item in items if item.captions or item.alt_texts],
        "Unsplash Lite Dataset License",
    )


def _table(folder: Path, name: str) -> Iterator[dict[str, str]]:
    path = next(iter(sorted(folder.glob(f"{name}.?sv000"))), None)
    if path is None:
        return
    with path.open(encoding="utf-8", newline="") as file:
        delimiter = "\t" if path.suffix == ".tsv000" else ","
        yield from csv.DictReader(file, delimiter=delimiter)


def _item(row: dict[str, str], path: Path, keywords: list[str]) -> Item:
    def text_of(column: str) -> tuple[str, ...]:
        text = " ".join((row.get(column) or "").split())
        return (text,) if text else ()

    user = row.get("photographer_username")
    return files.item(
        path,
        row["photo_id"],
        captions=text_of("photo_description"),
        alt_texts=text_of("ai_description"),
        facts=(*text_of("photo_location_name"), *keywords),
        ties=(f"photographer:{user}",) if user else (),
    )
