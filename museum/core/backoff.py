"""Exponential backoff: how long to wait before the next attempt."""

import random


def backoff_seconds(
    failures: int, *, first: float, longest: float = float("inf"), jitter: float = 0.0
) -> float:
    """Return `first` after one failure, twice as much after each further one, at most `longest`.

    A `jitter` of 0.5 multiplies it by a random factor from 0.5 to 1.5, so that clients that failed
    together do not come back together.
    """
    spread = random.uniform(1 - jitter, 1 + jitter)  # noqa: S311 - no secret
    return min(longest, first * 2 ** (failures - 1)) * spread
