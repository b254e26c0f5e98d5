"""Agreement between raters who judge the same works. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True)
class Agreement:
    """Two raters over the `items` that both judged: the share `same` of equal grades, and κ.

    `kappa` is None where it is undefined: both gave one and the same grade throughout.
    """

    one: str
    other: str
    items: int
    same: float
    kappa: float | None


def weighted_kappa(pairs: Sequence[tuple[int, int]], grades: int = 4) -> float | None:
    """Return Cohen's κ with quadratic weights over pairs of grades 0 to `grades` - 1.

    1 is perfect, 0 what chance gives with these two raters' habits. See Cohen, "Weighted kappa",
    Psychological Bulletin 70 (1968). None if the expected disagreement is 0.
    """
    number = len(pairs)
    first = [sum(one == grade for one, _ in pairs) for grade in range(grades)]
    second = [sum(other == grade for _, other in pairs) for grade in range(grades)]
    observed = sum((one - other) ** 2 for one, other in pairs) * number
    expected = sum(
        (a - b) ** 2 * first[a] * second[b] for a in range(grades) for b in range(grades)
    )
    return 1 - observed / expected if expected else None


def agreements(judged: Iterable[tuple[str, object, int]]) -> list[Agreement]:
    """Return the agreement of each pair of raters with shared items, from (rater, item, grade)."""
    by_rater: dict[str, dict[object, int]] = {}
    for rater, item, grade in judged:
        by_rater.setdefault(rater, {})[item] = grade
    result = []
    for one, other in combinations(sorted(by_rater), 2):
        pairs = _shared(by_rater[one], by_rater[other])
        if pairs:
            same = sum(a == b for a, b in pairs) / len(pairs)
            result.append(Agreement(one, other, len(pairs), same, weighted_kappa(pairs)))
    return result


def _shared(one: Mapping[object, int], other: Mapping[object, int]) -> list[tuple[int, int]]:
    return [(grade, other[item]) for item, grade in one.items() if item in other]
