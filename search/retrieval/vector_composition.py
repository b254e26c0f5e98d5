"""Compose the query vector from words, works to resemble or not, and words to avoid.

Pure: no database, no model.
"""

from collections.abc import Sequence

import numpy as np

from search.ranking import tuning

Weighted = tuple[float, np.ndarray]


def compose(positive: Sequence[Weighted], negative: Sequence[Weighted] = ()) -> np.ndarray | None:
    """Return normalise(sum of w * v) of unit vectors (dim,), turned away from the negative ones.

    Only the component of a negative vector that is orthogonal to the target counts: "boats without
    people" must not turn away from what boats and people share, such as being pictures. Return
    None if there is no positive vector, or if they cancel out.
    """
    if not positive:
        return None
    target = _unit(np.sum([weight * vector for weight, vector in positive], axis=0))
    if target is None or not negative:
        return target
    away = np.zeros_like(target)
    for weight, vector in negative:
        distinct = _unit(vector - (vector @ target) * target, tuning.AVOIDANCE_MIN_LENGTH)
        if distinct is not None:
            away += weight * distinct
    length = float(np.linalg.norm(away))
    return _unit(target - away * (tuning.AVOIDANCE_PUSH / max(length, 1.0)))


def _unit(vector: np.ndarray, least: float = 1e-6) -> np.ndarray | None:
    length = float(np.linalg.norm(vector))
    return None if length < least else (vector / length).astype(np.float32)
