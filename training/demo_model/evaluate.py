"""Figures of the demo model on compositions that it never saw, always beside chance."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ingest.sample import words
from ingest.sample.scenes import Scene
from search.encoders import Encoder, get_encoder
from search.models import EmbeddingModel
from training.demo_model import queries, texts
from training.demo_model.corpus import Corpus, has_unseen_pair
from training.evaluation import metrics


def full_caption(scene: Scene) -> str:
    """Return the fixed text that evaluation uses: the alt text, which names all that is shown."""
    return words.alt_text(scene, random.Random(scene.key()))


def evaluate(encoder: Encoder, corpus: Corpus, retrieval_gallery: int = 1000) -> dict[str, Any]:
    """Evaluate on `corpus`: captions over its first works and over all, queries over all."""
    started = time.monotonic()
    images = encode_images(encoder, corpus)
    captions = [full_caption(scene) for scene in corpus.scenes]
    written = encoder.encode_texts(captions)
    shown = [texts.shown(scene) for scene in corpus.scenes]
    sizes = sorted({min(retrieval_gallery, len(images)), len(images)})
    return {
        "retrieval": [
            _retrieval(images[:n], written[:n], captions[:n], corpus.scenes[:n]) for n in sizes
        ],
        "visitors": _queries(encoder, "visitors", images, shown),
        "dev": _queries(encoder, "dev", images, shown),
        "seconds": round(time.monotonic() - started, 1),
    }


def encode_images(encoder: Encoder, corpus: Corpus) -> np.ndarray:
    """Encode a corpus a few hundred pictures at a time: (n, dim)."""
    pictures = list(corpus.pictures())
    return np.concatenate(
        [encoder.encode_images(pictures[n : n + 256]) for n in range(0, len(pictures), 256)]
    )


def _retrieval(
    images: np.ndarray, written: np.ndarray, captions: Sequence[str], scenes: Sequence[Scene]
) -> dict[str, Any]:
    scores = written @ images.T
    own = np.arange(len(images))
    to_image = metrics.ranks(scores, own)
    unseen = np.array([has_unseen_pair(scene) for scene in scenes])
    often = Counter(captions)
    return {
        "gallery": len(images),
        "text_to_image": metrics.retrieval(to_image),
        "image_to_text": metrics.retrieval(metrics.ranks(scores.T, own)),
        "text_to_image_unseen_pairs": metrics.retrieval(to_image[unseen]),
        "chance": metrics.chance(len(images)),
        "unseen_pairs": int(unseen.sum()),
        "works_that_share_their_caption": sum(n for n in often.values() if n > 1),
    }


def _queries(
    encoder: Encoder, name: str, images: np.ndarray, shown: Sequence[frozenset[texts.Attribute]]
) -> dict[str, Any]:
    asked = queries.read(name)
    scores = encoder.encode_texts([query.words for query in asked]) @ images.T
    unknown = {word for query in asked for word in encoder.unknown_words(query.words)}
    return {**queries.judge(asked, scores, shown), "unknown_words": sorted(unknown)}


def load(folder: Path) -> Encoder:
    """Load the checkpoint in `folder` as search does; raises `EncoderUnavailableError`."""
    model = EmbeddingModel(name=folder.name, checkpoint=str(folder.resolve()), dimension=256)
    return get_encoder(model)
