"""The made-up collection in the database of a benchmark."""

import numpy as np

from museum.models import Artwork
from operations.benchmarks.collection import DIMENSION, Collection, make, words
from search.embeddings import hnsw_index
from search.models import Embedding, EmbeddingModel

DATABASE = "ekphrasis_bench"


def collection(number: int, dimension: int = DIMENSION) -> Collection:
    """Return the collection in the connected database; create and index it if there is none."""
    model = EmbeddingModel.objects.filter(name="synthetic").first()
    if model is not None and Artwork.objects.count() == number:
        rows = Embedding.objects.filter(model=model, kind="image").order_by("artwork__artic_id")
        vectors = [
            np.asarray(row, np.float32)
            for row in rows.values_list("vector", flat=True).iterator(chunk_size=2_000)
        ]
        return Collection(model, words(), np.array(vectors))
    made = make(number, dimension)
    hnsw_index.ensure(made.model)
    return made
