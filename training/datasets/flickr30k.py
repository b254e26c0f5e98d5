"""Flickr30k (https://shannon.cs.illinois.edu/DenotationGraph/), with captions in either form.

Its pictures are for research only; ask the authors for them.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from training.datasets import files
from training.datasets.dataset import Dataset, DatasetError

LAYOUT = """expected Flickr30k as unpacked
  DIR/results_20130124.token     lines "1000092795.jpg#0<TAB>Two young guys …", or
  DIR/results.csv                a first line "image_name| comment_number| comment"
  DIR/flickr30k-images/1000092795.jpg …     (also flickr30k_images/ or images/)
  DIR/dataset_flickr30k.json     Karpathy's split, if you have it: 1,000 pictures for test"""
PICTURE_FOLDERS = ("flickr30k-images", "flickr30k_images", "images")


def load(folder: Path) -> Dataset:
    """Read `folder`. Raises `DatasetError`, which shows the layout."""
    captions: dict[str, list[str]] = defaultdict(list)
    for name, caption in _captions(folder):
        captions[name].append(caption)
    pictures = files.pictures_of(folder / name for name in PICTURE_FOLDERS)
    files.require(captions, pictures, LAYOUT)
    karpathy = files.karpathy_parts(folder / "dataset_flickr30k.json", LAYOUT)
    return Dataset(
        "flickr30k",
        f"flickr30k:{folder}",
        [
            files.item(pictures[name], name, captions=tuple(texts))
            for name, texts in sorted(captions.items())
        ],
        "for research only; pictures as on Flickr",
        parts={name: part for name, part in karpathy.items() if name in captions},
    )


def _captions(folder: Path) -> Iterator[tuple[str, str]]:
    tokens, table = folder / "results_20130124.token", folder / "results.csv"
    path = next((path for path in (tokens, table) if path.is_file()), None)
    if path is None:
        raise DatasetError(f"{folder} has no captions: {LAYOUT}")
    delimiter = "\t" if path == tokens else "|"
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        for line, row in enumerate(rows, start=1):
            if path == table and line == 1:
                continue
            # One line of the published results.csv lacks a delimiter: "2199200615.jpg| 4   A dog".
            name, *_, caption = (cell.strip() for cell in row) if row else ("", "")
            if path == table and len(row) == 2:
                caption = caption.partition(" ")[2].strip()
            if not name.partition("#")[0].endswith(".jpg") or len(row) < 2:
                raise DatasetError(f"{path}, line {line} does not name a picture: {LAYOUT}")
            if caption:
                yield name.partition("#")[0], caption
