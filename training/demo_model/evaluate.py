"""Figures of the demo model on compositions that it never saw, with chance."""

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
    """Return the alt text, which names all that the picture shows, as evaluation uses it."""
    return words.alt_text(scene, random.Random(scene.key()))


def evaluate(encoder: Encoder, corpus: Corpus, retrieval_gallery: int = 1000) -> dict[str, Any]:
    """Evaluate on `corpus`: captions over its first works and over all, queries over all."""
    started = time.monotonic()
    images = encode_images(encoder, corpus)
    captions = [full_caption(scene) for scene in corpus.scenes]
    caption_vectors = encoder.encode_texts(captions)
    attributes = [texts.scene_attributes(scene) for scene in corpus.scenes]
    sizes = sorted({min(retrieval_gallery, len(images)), len(images)})
    return {
        "retrieval": [
            _retrieval(images[:n], caption_vectors[:n], captions[:n], corpus.scenes[:n])
            for n in sizes
        ],
        "visitors": _queries(encoder, "visitors", images, attributes),
        "dev": _queries(encoder, "dev", images, attributes),
        "seconds": round(time.monotonic() - started, 1),
    }


def encode_images(encoder: Encoder, corpus: Corpus) -> np.ndarray:
    """Encode a corpus a few hundred pictures at a time: (n, dim)."""
    pictures = list(corpus.pictures())
    return np.concatenate(
        [encoder.encode_images(pictures[n : n + 256]) for n in range(0, len(pictures), 256)]
    )


def _retrieval(
    images: np.ndarray, vectors: np.ndarray, captions: Sequence[str], scenes: Sequence[Scene]
) -> dict[str, Any]:
    scores = vectors @ images.T
    targets = np.arange(len(images))
    to_image = metrics.ranks(scores, targets)
    unseen = np.array([has_unseen_pair(scene) for scene in scenes])
    counts = Counter(captions)
    return {
        "gallery": len(images),
        "text_to_image": metrics.retrieval(to_image),
        "image_to_text": metrics.retrieval(metrics.ranks(scores.T, targets)),
        "text_to_image_unseen_pairs": metrics.retrieval(to_image[unseen]),
        "chance": metrics.chance(len(images)),
        "unseen_pairs": int(unseen.sum()),
        "works_that_share_their_caption": sum(n for n in counts.values() if n > 1),
    }


def _queries(
    encoder: Encoder,
    name: str,
    images: np.ndarray,
    attributes: Sequence[frozenset[texts.Attribute]],
) -> dict[str, Any]:
    visitor_queries = queries.read(name)
    scores = encoder.encode_texts([query.words for query in visitor_queries]) @ images.T
    unknown = {word for query in visitor_queries for word in encoder.unknown_words(query.words)}
    return {**queries.judge(visitor_queries, scores, attributes), "unknown_words": sorted(unknown)}


def load(folder: Path) -> Encoder:
    """Load the checkpoint in `folder` as search does; raises `EncoderUnavailable`."""
    model = EmbeddingModel(name=folder.name, checkpoint=str(folder.resolve()), dimension=256)
    return get_encoder(model)
