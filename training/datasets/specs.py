"""Datasets by their specs, such as "artic", "folder:DIR" or "coco:DIR".

Each kind of folder is a module of this package with a function `load`; add it to `FOLDER_KINDS`,
and every command accepts it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from training.datasets import coco, flickr30k, folder, museum, unsplash, visual_genome
from training.datasets.dataset import Dataset, DatasetError

MUSEUM_KINDS = ("artic", "sample", "artic+generated", "sample+generated")
# Readers of folders, whose specs go on with ":DIR".
FOLDER_KINDS: dict[str, Callable[[Path], Dataset]] = {
    "folder": folder.load,
    "coco": coco.load,
    "flickr30k": flickr30k.load,
    "visual_genome": visual_genome.load,
    "unsplash": unsplash.load,
}
KINDS = (*MUSEUM_KINDS, *FOLDER_KINDS)


def load(spec: str) -> Dataset:
    """Read the data that `spec` names; pictures are opened later. Raises `DatasetError`."""
    kind, colon, directory = spec.partition(":")
    if kind not in KINDS:
        raise DatasetError(f"Unknown data {spec!r}. Known data: {', '.join(map(_usage, KINDS))}")
    if (kind in FOLDER_KINDS) != bool(colon and directory):
        raise DatasetError(f"{spec!r}: write {_usage(kind)}")
    if kind in FOLDER_KINDS:
        dataset = FOLDER_KINDS[kind](Path(directory).expanduser())
    else:
        dataset = museum.load(kind)
    if not dataset.items:
        raise DatasetError(f"{spec} has no picture with a text")
    return dataset


def _usage(kind: str) -> str:
    return f"{kind}:DIR" if kind in FOLDER_KINDS else kind
