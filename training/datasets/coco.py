"""MS COCO captions (https://cocodataset.org/#download), 2014 or 2017, as unpacked.

COCO publishes no captions of its test pictures. Karpathy's split decides if its file is present;
otherwise COCO's val pictures are for test, and one train picture in twenty is for validation.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from pathlib import Path

from training.datasets import files
from training.datasets.dataset import Dataset, DatasetError, Item

LAYOUT = """expected MS COCO as unpacked (2017, or the same with 2014)
  DIR/annotations/captions_train2017.json
  DIR/annotations/captions_val2017.json
  DIR/train2017/000000000009.jpg …
  DIR/val2017/000000000139.jpg …
  DIR/dataset_coco.json                     Karpathy's split, if you have it
either annotation file may be missing, with its pictures"""
VALIDATION_ONE_IN = 20


def load(folder: Path) -> Dataset:
    """Read `folder`. Raises `DatasetError`, which shows the layout."""
    tables = sorted((folder / "annotations").glob("captions_*20??.json"))
    if not tables:
        raise DatasetError(f"{folder} has no annotations/captions_*.json: {LAYOUT}")
    items: list[Item] = []
    parts: dict[str, str] = {}
    for table in tables:
        publisher = table.stem.removeprefix("captions_")
        table_items = _items(folder, table, publisher)
        items += table_items
        parts |= {item.key: _part(item.key, publisher) for item in table_items}
    karpathy = files.karpathy_parts(folder / "dataset_coco.json", LAYOUT)
    parts |= {item.key: karpathy[n] for item in items if (n := Path(item.key).name) in karpathy}
    licence = "annotations CC-BY 4.0; pictures as on Flickr"
    return Dataset("coco", f"coco:{folder}", items, licence, parts=parts)


def _items(folder: Path, table: Path, publisher: str) -> list[Item]:
    rows = files.read_json(table, LAYOUT)
    pictures = files.pictures_of([folder / publisher])
    try:
        captions: dict[int, list[str]] = defaultdict(list)
        for row in rows["annotations"]:
            captions[row["image_id"]].append(" ".join(row["caption"].split()))
        names = {row["id"]: row["file_name"] for row in rows["images"]}
    except (KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{table} is not a COCO captions file ({error!r}): {LAYOUT}") from error
    captioned = {number: name for number, name in names.items() if captions[number]}
    files.require(captioned.values(), pictures, LAYOUT)
    return [
        files.item(pictures[name], f"{publisher}/{name}", captions=tuple(captions[number]))
        for number, name in sorted(captioned.items())
    ]


def _part(key: str, publisher: str) -> str:
    if publisher.startswith("val"):
        return "test"
    return "val" if zlib.crc32(key.encode()) % VALIDATION_ONE_IN == 0 else "train"
