"""Several wishes made one direction: words, works to be like or unlike, words to avoid.

Pure: no database, no model.
"""

from collections.abc import Sequence

import numpy as np

from search.ranking import tuning

Weighted = tuple[float, np.ndarray]


def compose(wished: Sequence[Weighted], unwished: Sequence[Weighted] = ()) -> np.ndarray | None:
    """Return normalise(sum of w * v) of unit vectors (dim,), turned away from the unwished ones.

    Of each unwished vector only what the wish does not share counts: "boats without people" must
    not lead away from what boats and people have in common (being pictures, above all). None if
    nothing is wished for, or the wishes cancel out.
    """
    if not wished:
        return None
    wish = _unit(np.sum([weight * vector for weight, vector in wished], axis=0))
    if wish is None or not unwished:
        return wish
    away = np.zeros_like(wish)
    for weight, vector in unwished:
        own = _unit(vector - (vector @ wish) * wish, tuning.AVOIDANCE_MIN_LENGTH)
        if own is not None:
            away += weight * own
    length = float(np.linalg.norm(away))
    return _unit(wish - away * (tuning.AVOIDANCE_PUSH / max(length, 1.0)))


def _unit(vector: np.ndarray, least: float = 1e-6) -> np.ndarray | None:
    length = float(np.linalg.norm(vector))
    return None if length < least else (vector / length).astype(np.float32)
