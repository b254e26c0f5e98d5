"""Visual Genome (https://homes.cs.washington.edu/~ranjay/visualgenome/api.html), as unpacked.

Its texts are phrases about regions, some fifty a picture. The phrases of the largest regions
describe the picture as a whole and serve as its captions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.datasets import files
from training.datasets.dataset import Dataset, DatasetError, Item

LAYOUT = """expected Visual Genome as unpacked
  DIR/image_data.json
  DIR/region_descriptions.json
  DIR/VG_100K/2.jpg …
  DIR/VG_100K_2/1.jpg …"""
PICTURE_FOLDERS = ("VG_100K", "VG_100K_2", "images", "images2")
PHRASES_A_PICTURE = 5


def load(folder: Path) -> Dataset:
    """Read `folder`. Raises `DatasetError`, which shows the layout."""
    tables = [folder / "image_data.json", folder / "region_descriptions.json"]
    for path in tables:
        if not path.is_file():
            raise DatasetError(f"{folder} has no {path.name}: {LAYOUT}")
    data, described = (files.read_json(path, LAYOUT) for path in tables)
    pictures = files.pictures_of(folder / name for name in PICTURE_FOLDERS)
    try:
        phrases = {row["id"]: _phrases(row["regions"]) for row in described}
        captioned = [row for row in data if phrases.get(row["image_id"])]
        files.require((_name(row) for row in captioned), pictures, LAYOUT)
        items = [_item(row, pictures[_name(row)], phrases[row["image_id"]]) for row in captioned]
    except (KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{folder} is not Visual Genome ({error!r}): {LAYOUT}") from error
    return Dataset("visual_genome", f"visual_genome:{folder}", items, "CC-BY 4.0")


def _name(row: dict[str, Any]) -> str:
    return f"{row['image_id']}.jpg"


def _phrases(regions: list[dict[str, Any]]) -> tuple[str, ...]:
    largest = sorted(regions, key=lambda region: -region["width"] * region["height"])
    return tuple(dict.fromkeys(" ".join(r["phrase"].split()) for r in largest))[:PHRASES_A_PICTURE]


def _item(row: dict[str, Any], path: Path, phrases: tuple[str, ...]) -> Item:
    # Half of the pictures are COCO's, and the same photograph may occur twice.
    ids = {"coco": row.get("coco_id"), "flickr": row.get("flickr_id")}
    ties = tuple(f"{name}:{number}" for name, number in ids.items() if number)
    return files.item(path, str(row["image_id"]), captions=phrases, ties=ties)
