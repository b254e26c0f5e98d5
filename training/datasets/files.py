"""Annotation files and folders of pictures, for the readers of published layouts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from museum.images import decoding
from training.datasets.dataset import DatasetError, Item


def open_file(path: Path) -> Image.Image:
    """Open the picture at `path`."""
    return decoding.decode(path.read_bytes())


def file_identity(path: Path) -> str:
    """Return what identifies a file's content without reading it: path, size, time of change."""
    status = path.stat()
    return f"{path.resolve()} {status.st_size} {status.st_mtime_ns}"


def item(path: Path, key: str, **texts: Any) -> Item:
    """Return the item of the picture at `path`."""
    return Item(key=key, open=partial(open_file, path), image=file_identity(path), **texts)


def read_json(path: Path, layout: str) -> Any:
    """Read an annotation file. Raises `DatasetError`, which shows the layout."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read ({error}): {layout}") from error


def pictures_of(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the files of those `folders` that exist, by name, without opening any."""
    return {
        entry.name: Path(entry.path)
        for folder in folders
        if folder.is_dir()
        for entry in os.scandir(folder)
    }


def require(names: Iterable[str], pictures: dict[str, Path], layout: str) -> None:
    """Raise `DatasetError` if `pictures` lacks one that the annotations name."""
    missing = [name for name in names if name not in pictures]
    if missing:
        raise DatasetError(
            f"{len(missing)} pictures are missing; the first is {missing[0]}: {layout}"
        )


def karpathy_parts(path: Path, layout: str) -> dict[str, str]:
    """Return the part of each picture, by file name, in Karpathy's split; empty without the file.

    dataset_coco.json and dataset_flickr30k.json are of Karpathy and Fei-Fei, "Deep Visual-Semantic
    Alignments for Generating Image Descriptions", 2015; "restval" are further training pictures.
    """
    if not path.is_file():
        return {}
    rows = read_json(path, layout)["images"]
    return {row["filename"]: row["split"].replace("restval", "train") for row in rows}
