"""The rows of an evaluation: what ranks a gallery. Each scores blocks of queries at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from search import engine
from search.channels import IMAGE, WORDS
from search.encoders import Encoder
from search.fusion import Ranked, fuse
from training.datasets import Item
from training.full_text import FullText

# Numbers of queries -> scores (queries, gallery), higher is better.
Row = Callable[[np.ndarray], np.ndarray]

FULL_TEXT = "full text"
LISTED = 200  # works of each list that are fused
_BATCH = 64


@dataclass
class Model:
    """An encoder with the gallery's pictures as it sees them; texts are encoded once."""

    name: str
    encoder: Encoder
    pictures: np.ndarray
    _texts: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def over(
        cls, name: str, encoder: Encoder, items: Sequence[Item], *, progress: bool = False
    ) -> Model:
        """Encode the pictures of `items`."""
        parts = []
        with tqdm(total=len(items), desc=name, unit="picture", disable=not progress) as bar:
            for start in range(0, len(items), _BATCH):
                batch = [encoder.prepare(item.open()) for item in items[start : start + _BATCH]]
                parts.append(encoder.encode_images(batch))
                bar.update(len(batch))
        return cls(name, encoder, np.concatenate(parts))

    def texts(self, said: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text: (texts, dim)."""
        new = [text for text in dict.fromkeys(said) if text not in self._texts]
        self._texts.update(zip(new, self.encoder.encode_texts(new), strict=True))
        return np.stack([self._texts[text] for text in said])


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
        for each in fuse(lists, engine.WEIGHTS):
            scores[each.artic_id] = each.score
        return scores

    return lambda numbers: np.stack([score(n) for n in numbers])


def _best(scores: np.ndarray) -> np.ndarray:
    return np.argsort(-scores, kind="stable")[:LISTED]
