"""The rankers that an evaluation compares. Each scores blocks of queries at a time."""

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
from training.datasets.dataset import DatasetError, Item
from training.evaluation.full_text import FullText

logger = logging.getLogger(__name__)

# Numbers of queries -> scores (queries, gallery); higher is better.
Scorer = Callable[[np.ndarray], np.ndarray]

FULL_TEXT = "full text"
FUSED_DEPTH = 200  # works of each fused list
_ENCODING_BATCH = 64


@dataclass
class GalleryModel:
    """An encoder with the vectors of the gallery's `pictures`, (gallery, dim).

    Each text is encoded once.
    """

    name: str
    encoder: Encoder
    pictures: np.ndarray
    _texts: dict[str, np.ndarray] = field(default_factory=dict)

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text: (texts, dim)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._texts]
        self._texts.update(zip(new, self.encoder.encode_texts(new), strict=True))
        return np.stack([self._texts[text] for text in texts])


def encode_gallery(
    encoders: Mapping[str, Encoder],
    items: Sequence[Item],
    known: Mapping[str, Mapping[str, np.ndarray]],
    *,
    progress: bool = False,
) -> tuple[list[GalleryModel], list[int]]:
    """Encode the pictures of `items` with all encoders; each picture is opened once.

    `known` has existing vectors by encoder and key. Returns the models and the numbers of the items
    whose pictures can be read: the gallery.
    """
    vectors: dict[str, dict[int, np.ndarray]] = {name: {} for name in encoders}
    readable = []
    with tqdm(total=len(items), unit="picture", disable=not progress) as bar:
        for start in range(0, len(items), _ENCODING_BATCH):
            batch = range(start, min(start + _ENCODING_BATCH, len(items)))
            opened = _opened(items, batch, known)
            for name, encoder in encoders.items():
                stored = known.get(name, {})
                new = [n for n, picture in opened.items() if items[n].key not in stored]
                encoded = encoder.encode_images([encoder.prepare(opened[n]) for n in new])
                vectors[name].update(zip(new, encoded, strict=True))
                vectors[name].update(
                    (n, stored[items[n].key]) for n in opened if items[n].key in stored
                )
            readable += list(opened)
            bar.update(len(batch))
    if not readable:
        raise DatasetError(f"none of the {len(items)} pictures can be read")
    models = [
        GalleryModel(
            name, encoder, np.stack([vectors[name][n] for n in readable]).astype(np.float32)
        )
        for name, encoder in encoders.items()
    ]
    return models, readable


def _opened(
    items: Sequence[Item], numbers: Iterable[int], known: Mapping[str, Mapping[str, np.ndarray]]
) -> dict[int, Any]:
    """Open the pictures that an encoder needs; None stands for one whose vectors all have."""
    opened: dict[int, Any] = {}
    for number in numbers:
        if known and all(items[number].key in stored for stored in known.values()):
            opened[number] = None
            continue
        try:
            opened[number] = items[number].open()
        except (OSError, decoding.InvalidPicture) as error:
            logger.warning("%s is left out: %s", items[number].key, error)
    return opened


def stored_vectors(model: EmbeddingModel, encoder: Encoder) -> dict[str, np.ndarray]:
    """Return the vectors of pictures stored in the database, by the works' ids."""
    if model.pk is None or model.fingerprint != encoder.fingerprint:
        return {}
    rows = Embedding.objects.filter(
        model=model, kind=Embedding.Kind.IMAGE, source_hash=F("artwork__image_sha256")
    ).values_list("artwork__artic_id", "vector")
    return {str(work): np.asarray(vector, np.float32) for work, vector in rows.iterator(5000)}


def by_vectors(queries: np.ndarray, gallery: np.ndarray) -> Scorer:
    """Rank by the cosine of unit vectors: `queries` (queries, dim), `gallery` (gallery, dim)."""
    return lambda numbers: queries[numbers] @ gallery.T


def by_full_text(index: FullText, queries: Sequence[str]) -> Scorer:
    """Rank by full text only."""
    return lambda numbers: np.stack([index.search(queries[n])[0] for n in numbers])


def hybrid(
    index: FullText, queries: Sequence[str], vectors: np.ndarray, gallery: np.ndarray
) -> Scorer:
    """Rank like a search that fuses pictures and words; works on neither list score 0."""

    def score(number: int) -> np.ndarray:
        cosines = gallery @ vectors[number]
        values, coverage = index.search(queries[number])
        matching = [n for n in _best(values) if values[n] > 0]
        lists = {
            IMAGE: [Ranked(int(n), float(cosines[n])) for n in _best(cosines)],
            WORDS: [Ranked(int(n), float(values[n]), float(coverage[n])) for n in matching],
        }
        scores = np.zeros(len(gallery))
        for each in fuse(lists, channels.WEIGHTS):
            scores[each.artic_id] = each.score
        return scores

    return lambda numbers: np.stack([score(n) for n in numbers])


def _best(scores: np.ndarray) -> np.ndarray:
    return np.argsort(-scores, kind="stable")[:FUSED_DEPTH]
