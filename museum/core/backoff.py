"""How long to wait before trying again."""

import random


def backoff_seconds(
    failures: int, *, first: float, longest: float = float("inf"), jitter: float = 0.0
) -> float:
    """Return `first` after one failure, twice as much after each further one, at most `longest`.

    With a `jitter` of 0.5 it is half as much to one and a half times as much, by chance, so that
    many who failed together do not come back together.
    """
    spread = random.uniform(1 - jitter, 1 + jitter)  # noqa: S311 - no secret
    return min(longest, first * 2 ** (failures - 1)) * spread
