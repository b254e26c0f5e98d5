"""The learning rate over a run."""

import math


def warmup_cosine(
    progress: float, *, peak: float, warmup: float = 0.05, end: float = 0.01
) -> float:
    """Return the learning rate at `progress`, 0 to 1: a line up to `peak`, then half a cosine.

    `warmup` is the share of the run that goes up, `end` the last rate as a share of `peak`.
    """
    if progress < warmup:
        return peak * progress / warmup
    done = min(1.0, (progress - warmup) / (1 - warmup))
    return peak * (end + (1 - end) * (1 + math.cos(math.pi * done)) / 2)
