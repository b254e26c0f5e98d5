"""Sample the collection's vectors, to judge relevance against chance."""

from collections.abc import Mapping

import numpy as np
from psycopg import sql

from museum.core.caching.ttl_cache import TtlCache
from museum.core.database.read_replica import connection
from search.embeddings import hnsw_index
from search.models import EmbeddingModel
from search.ranking import tuning
from search.ranking.relevance import Background

# The model and the vector (dim,) of a query, by kind of embedding.
QueryVectors = Mapping[str, tuple[EmbeddingModel, np.ndarray]]

SAMPLE_TTL_SECONDS = 600.0
SMALL_SAMPLE_TTL_SECONDS = 10.0  # while a collection is being embedded


def _ttl_seconds(sample: np.ndarray) -> float:
    return (
        SAMPLE_TTL_SECONDS
        if len(sample) >= tuning.BACKGROUND_MIN_SIZE
        else SMALL_SAMPLE_TTL_SECONDS
    )


_samples: TtlCache[np.ndarray] = TtlCache(_ttl_seconds)  # by database, model and kind


def background(query_vectors: QueryVectors) -> Background:
    """Return mean and deviation of each vector's cosines with the sample of its model."""
    chance: dict[str, tuple[float, float]] = {}
    for kind, (model, vector) in query_vectors.items():
        sample = _sample(model, kind)
        if len(sample) >= tuning.BACKGROUND_MIN_SIZE:
            cosines = sample @ (vector / max(float(np.linalg.norm(vector)), 1e-12))
            chance[kind] = float(cosines.mean()), max(float(cosines.std()), 1e-6)
    return Background(chance)


def _sample(model: EmbeddingModel, kind: str) -> np.ndarray:
    key = connection.settings_dict["NAME"], model.pk, model.fingerprint, kind
    return _samples.get_or_make(key, lambda: _read(model, kind))


def forget() -> None:
    """Clear the cached samples."""
    _samples.clear()


def _read(model: EmbeddingModel, kind: str) -> np.ndarray:
    """Return at most BACKGROUND_SIZE vectors (n, dim), always the same ones, chosen by a hash."""
    step = max((hnsw_index.rows(model, kind) or 0) // tuning.BACKGROUND_SIZE, 1)
    statement = sql.SQL(
        "SELECT vector::real[] FROM search_embedding WHERE model_id = {model} AND kind = {kind} "
        "AND abs(hashint8(artwork_id)::bigint) %% {step} = 0 ORDER BY artwork_id, part LIMIT {most}"
    ).format(
        model=sql.Literal(model.pk),
        kind=sql.Literal(kind),
        step=sql.Literal(step),
        most=sql.Literal(tuning.BACKGROUND_SIZE),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {})
        rows = [row[0] for row in cursor.fetchall()]
    return np.array(rows, np.float32).reshape(len(rows), model.dimension)
