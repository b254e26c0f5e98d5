"""The rows of an evaluation: what ranks a gallery. Each scores blocks of queries at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import F
from tqdm import tqdm

from museum.images import decoding
from search.encoders import Encoder
from search.models import Embedding, EmbeddingModel
from search.ranking import channels
from search.ranking.channels import IMAGE, WORDS
from search.ranking.fusion import fuse
from search.ranking.matches import Ranked
from training.datasets import DatasetError, Item
from training.evaluation.full_text import FullText

logger = logging.getLogger(__name__)

# Numbers of queries -> scores (queries, gallery), higher is better.
Row = Callable[[np.ndarray], np.ndarray]

FULL_TEXT = "full text"
LISTED = 200  # works of each list that are fused
_BATCH = 64


@dataclass
class Model:
    """An encoder with the gallery's pictures as it sees them, (gallery, dim); texts are encoded
    once."""

    name: str
    encoder: Encoder
    pictures: np.ndarray
    _texts: dict[str, np.ndarray] = field(default_factory=dict)

    def texts(self, said: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text: (texts, dim)."""
        new = [text for text in dict.fromkeys(said) if text not in self._texts]
        self._texts.update(zip(new, self.encoder.encode_texts(new), strict=True))
        return np.stack([self._texts[text] for text in said])


def look(
    encoders: Mapping[str, Encoder],
    items: Sequence[Item],
    known: Mapping[str, Mapping[str, np.ndarray]],
    *,
    progress: bool = False,
) -> tuple[list[Model], list[int]]:
    """Show the pictures of `items` to all encoders, each picture opened once.

    `known` has vectors by encoder and key that need not be made again. Returns the models, and the
    numbers of the items whose pictures can be read: the gallery.
    """
    vectors: dict[str, dict[int, np.ndarray]] = {name: {} for name in encoders}
    readable = []
    with tqdm(total=len(items), unit="picture", disable=not progress) as bar:
        for start in range(0, len(items), _BATCH):
            batch = range(start, min(start + _BATCH, len(items)))
            opened = _opened(items, batch, known)
            for name, encoder in encoders.items():
                stored = known.get(name, {})
                new = [n for n, picture in opened.items() if items[n].key not in stored]
                made = encoder.encode_images([encoder.prepare(opened[n]) for n in new])
                vectors[name].update(zip(new, made, strict=True))
                vectors[name].update(
                    (n, stored[items[n].key]) for n in opened if items[n].key in stored
                )
            readable += list(opened)
            bar.update(len(batch))
    if not readable:
        raise DatasetError(f"none of the {len(items)} pictures can be read")
    found = [
        Model(name, encoder, np.stack([vectors[name][n] for n in readable]).astype(np.float32))
        for name, encoder in encoders.items()
    ]
    return found, readable


def _opened(
    items: Sequence[Item], numbers: Iterable[int], known: Mapping[str, Mapping[str, np.ndarray]]
) -> dict[int, Any]:
    """Open the pictures that an encoder lacks; None stands for one that all know."""
    opened: dict[int, Any] = {}
    for number in numbers:
        if known and all(items[number].key in stored for stored in known.values()):
            opened[number] = None
            continue
        try:
            opened[number] = items[number].open()
        except (OSError, decoding.InvalidPictureError) as error:
            logger.warning("%s is left out: %s", items[number].key, error)
    return opened


def stored_vectors(model: EmbeddingModel, encoder: Encoder) -> dict[str, np.ndarray]:
    """Return the vectors of pictures that the database has, by the works' ids."""
    if model.pk is None or model.fingerprint != encoder.fingerprint:
        return {}
    rows = Embedding.objects.filter(
        model=model, kind=Embedding.Kind.IMAGE, source_hash=F("artwork__image_sha256")
    ).values_list("artwork__artic_id", "vector")
    return {str(work): np.asarray(vector, np.float32) for work, vector in rows.iterator(5000)}


def by_vectors(asked: np.ndarray, gallery: np.ndarray) -> Row:
    """Rank by the cosine of unit vectors: `asked` (queries, dim), `gallery` (gallery, dim)."""
    return lambda numbers: asked[numbers] @ gallery.T


def by_words(index: FullText, queries: Sequence[str]) -> Row:
    """Rank by full text alone."""
    return lambda numbers: np.stack([index.search(queries[n])[0] for n in numbers])


def hybrid(index: FullText, queries: Sequence[str], asked: np.ndarray, gallery: np.ndarray) -> Row:
    """Rank as a search does that fuses pictures and words; what neither lists scores 0."""

    def score(number: int) -> np.ndarray:
        cosines = gallery @ asked[number]
        values, carried = index.search(queries[number])
        worded = [n for n in _best(values) if values[n] > 0]
        lists = {
            IMAGE: [Ranked(int(n), float(cosines[n])) for n in _best(cosines)],
            WORDS: [Ranked(int(n), float(values[n]), float(carried[n])) for n in worded],
        }
        scores = np.zeros(len(gallery))
        for each in fuse(lists, channels.WEIGHTS):
            scores[each.artic_id] = each.score
        return scores

    return lambda numbers: np.stack([score(n) for n in numbers])


def _best(scores: np.ndarray) -> np.ndarray:
    return np.argsort(-scores, kind="stable")[:LISTED]
