"""Layout: high-dimensional vectors as points of a plane."""

import warnings

import numpy as np

# UMAP gains nothing from more (and 512 cost four times as long).
MAX_COMPONENTS = 50
NEIGHBOURS = 15
MIN_DISTANCE = 0.3
# A few works lie far out; they are clipped so that the rest fills the map.
OUTLIER_PERCENT = 0.2  # on each side
RANK_SHARE = 0.5


class UmapUnavailableError(Exception):
    """umap-learn is not installed; the message says how to install it."""


def components(vectors: np.ndarray, number: int) -> np.ndarray:
    """Return the first principal components (n, number) of (n, dim) vectors."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return centred @ axes[:, ::-1][:, :number]


def linear(vectors: np.ndarray) -> np.ndarray:
    """Return (n, 2) points from 0 to 1 along the first two principal components."""
    points = np.zeros((len(vectors), 2), np.float32)
    projections = components(vectors, 2)
    points[:, : projections.shape[1]] = projections
    return fitted(points)


def umap(vectors: np.ndarray) -> np.ndarray:
    """Return (n, 2) points from 0 to 1 by UMAP (McInnes, Healy and Melville, 2018).

    Deterministic: the same vectors give the same map. Raises `UmapUnavailableError`.
    """
    if len(vectors) <= NEIGHBOURS:
        return linear(vectors)
    try:
        from umap import UMAP  # noqa: PLC0415 - optional, and takes seconds to import
    except ImportError as error:
        raise UmapUnavailableError(
            "umap-learn is not installed: pip install '.[map]', or --linear"
        ) from error
    if vectors.shape[1] > MAX_COMPONENTS:
        vectors = components(vectors, MAX_COMPONENTS)
    reducer = UMAP(n_neighbors=NEIGHBOURS, min_dist=MIN_DISTANCE, random_state=0, n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about unconnected parts of the graph
        return fitted(reducer.fit_transform(vectors.astype(np.float32)))


def fitted(points: np.ndarray) -> np.ndarray:
    """Scale (n, 2) points to fill 0 to 1.

    The mean of scaled position and rank: neighbours stay neighbours, and clusters take space from
    the gaps between them.
    """
    low, high = np.percentile(points, [OUTLIER_PERCENT, 100 - OUTLIER_PERCENT], axis=0)
    scaled = np.clip((points - low) / np.maximum(high - low, 1e-9), 0, 1)
    ranks = points.argsort(axis=0, kind="stable").argsort(axis=0) / max(len(points) - 1, 1)
    return ((1 - RANK_SHARE) * scaled + RANK_SHARE * ranks).astype(np.float32)
