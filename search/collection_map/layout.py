"""Vectors of many dimensions as points of a plane."""

import warnings

import numpy as np

# UMAP gains nothing from more (and 512 cost four times as long).
COMPONENTS = 50
NEIGHBOURS = 15
DISTANCE = 0.3
# A few works lie far out; the rest fill the map without them.
OUTLIERS = 0.2  # percent on each side
BY_RANK = 0.5


class NoUmap(Exception):  # noqa: N818 - reads as what it is
    """umap-learn is not installed; the message says how."""


def components(vectors: np.ndarray, number: int) -> np.ndarray:
    """Return the first principal components (n, number) of (n, dim) vectors."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return centred @ axes[:, ::-1][:, :number]


def linear(vectors: np.ndarray) -> np.ndarray:
    """Return (n, 2) points in 0 to 1 by the two principal components alone."""
    points = np.zeros((len(vectors), 2), np.float32)
    found = components(vectors, 2)
    points[:, : found.shape[1]] = found
    return fitted(points)


def umap(vectors: np.ndarray) -> np.ndarray:
    """Return (n, 2) points in 0 to 1 by UMAP (McInnes, Healy and Melville, 2018).

    The same vectors always make the same map. Raises `NoUmap`.
    """
    if len(vectors) <= NEIGHBOURS:
        return linear(vectors)
    try:
        from umap import UMAP  # noqa: PLC0415 - seconds, and an extra
    except ImportError as error:
        raise NoUmap("umap-learn is not installed: pip install '.[map]', or --linear") from error
    if vectors.shape[1] > COMPONENTS:
        vectors = components(vectors, COMPONENTS)
    reducer = UMAP(n_neighbors=NEIGHBOURS, min_dist=DISTANCE, random_state=0, n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of several parts of a graph, which a collection may have
        return fitted(reducer.fit_transform(vectors.astype(np.float32)))


def fitted(points: np.ndarray) -> np.ndarray:
    """Move (n, 2) points into 0 to 1 so that they fill it.

    Neighbours stay neighbours, but half of the room is shared out by rank: islands are worth more
    of a screen than the sea between them.
    """
    low, high = np.percentile(points, [OUTLIERS, 100 - OUTLIERS], axis=0)
    scaled = np.clip((points - low) / np.maximum(high - low, 1e-9), 0, 1)
    ranks = points.argsort(axis=0, kind="stable").argsort(axis=0) / max(len(points) - 1, 1)
    return ((1 - BY_RANK) * scaled + BY_RANK * ranks).astype(np.float32)
