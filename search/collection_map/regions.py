"""Parts of a map, and what sets the works of each apart from the rest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import log
from typing import Any

import numpy as np

LEAST, MOST = 3, 24
ROUNDS = 50
SHARE = 0.9  # of a region's works lie within its radius


@dataclass(frozen=True)
class Region:
    """One part: its middle and radius in 0 to 1, and the number of its works."""

    name: str
    x: float
    y: float
    radius: float
    works: int

    @property
    def x_permille(self) -> int:
        """Its middle in thousandths of the map."""
        return round(1000 * self.x)

    @property
    def y_permille(self) -> int:
        """Its middle in thousandths of the map."""
        return round(1000 * self.y)

    def to_json(self) -> dict[str, Any]:
        """Return its fields by name."""
        return asdict(self)


def divide(points: np.ndarray, terms: Sequence[Sequence[str]]) -> tuple[list[Region], np.ndarray]:
    """Divide (n, 2) points into regions, largest first, named by the `terms` of their works.

    Also returns (n,) the number of each point's region.
    """
    number = min(max(round(len(points) ** 0.5 / 3), LEAST), MOST, len(points))
    middles, belongs = _clusters(points, number)
    order: list[int] = np.argsort(-np.bincount(belongs, minlength=number)).tolist()
    everywhere = Counter(term for each in terms for term in set(each))
    taken: set[str] = set()
    regions = []
    for place, cluster in enumerate(order, 1):
        members = np.flatnonzero(belongs == cluster)
        name = _name([terms[each] for each in members.tolist()], everywhere, len(points), taken)
        name = name or str(place)
        taken.add(name)
        away = np.linalg.norm(points[members] - middles[cluster], axis=1)
        radius = float(np.quantile(away, SHARE)) if len(members) else 0.0
        x, y = (round(float(each), 4) for each in middles[cluster])
        regions.append(Region(name, x, y, round(max(radius, 0.01), 4), len(members)))
    places = np.empty(number, np.int64)
    places[order] = np.arange(number)
    return regions, places[belongs]


def _clusters(points: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Lloyd's k-means, begun by k-means++; returns (k, 2) middles and (n,) clusters."""
    chance = np.random.default_rng(0)
    middles = points[[chance.integers(len(points))]]
    while len(middles) < number:
        nearest = _squares(points, middles).min(axis=1)
        total = float(nearest.sum())
        weights = nearest / total if total else None
        middles = np.vstack([middles, points[chance.choice(len(points), p=weights)]])
    for _ in range(ROUNDS):
        belongs = _squares(points, middles).argmin(axis=1)
        sums = np.stack([np.bincount(belongs, points[:, d], number) for d in (0, 1)], axis=1)
        counts = np.bincount(belongs, minlength=number)[:, None]
        moved = np.where(counts > 0, sums / np.maximum(counts, 1), middles)
        if np.allclose(moved, middles, atol=1e-5):
            break
        middles = moved
    return middles, _squares(points, middles).argmin(axis=1)


def _squares(points: np.ndarray, middles: np.ndarray) -> np.ndarray:
    return ((points[:, None, :] - middles[None]) ** 2).sum(axis=2)


def _name(
    members: Sequence[Sequence[str]], everywhere: Counter[str], total: int, taken: set[str]
) -> str:
    """Return the term that tells most of these works from all, by p log(p / q) of its shares.

    "" where their records name none that is not taken.
    """
    here = Counter(term for each in members for term in set(each))

    def told(term: str) -> float:
        share = here[term] / len(members)
        return share * log(share * total / everywhere[term])

    best = sorted((term for term in here if term not in taken), key=lambda t: (-told(t), t))
    return best[0] if best else ""
