"""A plain folder of pictures with `captions.csv` or `captions.jsonl`, as `ingest_folder` takes."""

from __future__ import annotations

from pathlib import Path

from ingest.http.errors import SourceError
from ingest.sources.folder.captions import Caption, Captions
from ingest.sources.folder.source import SUFFIXES, normal
from training.datasets import files
from training.datasets.dataset import Dataset, DatasetError, Item

CAPTION_FILES = ("captions.csv", "captions.jsonl", "captions.json", "captions.tsv")
LAYOUT = """expected
  DIR/captions.csv      a first line "file,description" (also alt_text, title, artist, medium, …)
  DIR/…/picture.jpg     the pictures that its column "file" names, by their paths within DIR"""


def load(folder: Path) -> Dataset:
    """Read `folder`. Raises `DatasetError`, which shows the layout."""
    table = next((folder / name for name in CAPTION_FILES if (folder / name).is_file()), None)
    if table is None:
        raise DatasetError(f"{folder} has none of {', '.join(CAPTION_FILES)}: {LAYOUT}")
    try:
        captions = Captions(table)
    except SourceError as error:
        raise DatasetError(f"{error}: {LAYOUT}") from error
    if captions.rejected:
        first = captions.rejected[0].message
        raise DatasetError(f"{len(captions.rejected)} captions cannot be used; the first: {first}")
    items = [_item(folder, file, caption) for file, caption in sorted(captions.by_file.items())]
    return Dataset(
        folder.resolve().name, f"folder:{folder}", [i for i in items if i.captions or i.alt_texts]
    )


def _item(folder: Path, file: str, caption: Caption) -> Item:
    path = folder / normal(file)
    path = path if path.is_file() else folder / file
    if not path.is_file() or path.suffix.lower() not in SUFFIXES:
        raise DatasetError(f"captions name {file}, but there is no such picture: {LAYOUT}")
    facts = (caption.get("type"), caption.get("medium"), caption.get("date"), caption.get("place"))
    artist = caption.get("artist", "")
    return files.item(
        path,
        normal(file),
        captions=(caption["description"],) if caption.get("description") else (),
        alt_texts=(caption["alt_text"],) if caption.get("alt_text") else (),
        title=caption.get("title", ""),
        artist=artist,
        facts=tuple(fact for fact in facts if fact),
        ties=(f"artist:{artist}",) if artist else (),
    )
