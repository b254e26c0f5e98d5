"""A database of its own for a benchmark, and the made-up collection in it."""

import numpy as np

from museum.models import Artwork
from operations.benchmarks import collection as collection_module
from search.embeddings import hnsw_index
from search.models import Embedding, EmbeddingModel

DATABASE = "ekphrasis_bench"


def collection(
    number: int, dimension: int = collection_module.DIMENSION
) -> collection_module.Collection:
    """Return the collection in the connected database, made and indexed if there is none."""
    model = EmbeddingModel.objects.filter(name="synthetic").first()
    if model is not None and Artwork.objects.count() == number:
        rows = Embedding.objects.filter(model=model, kind="image").order_by("artwork__artic_id")
        vectors = [
            np.asarray(row, np.float32)
            for row in rows.values_list("vector", flat=True).iterator(chunk_size=2_000)
        ]
        return collection_module.Collection(model, collection_module.words(), np.array(vectors))
    made = collection_module.make(number, dimension)
    hnsw_index.ensure(made.model)
    return made
