"""Regions of a map: clusters of points, named by the term that distinguishes their works."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import log
from typing import Any

import numpy as np

MIN_REGIONS, MAX_REGIONS = 3, 24
KMEANS_ITERATIONS = 50
RADIUS_QUANTILE = 0.9  # this share of a region's works lies within its radius


@dataclass(frozen=True)
class Region:
    """One region: its centre and radius from 0 to 1, and its number of works."""

    name: str
    x: float
    y: float
    radius: float
    works: int

    @property
    def x_permille(self) -> int:
        """Return x in thousandths of the map."""
        return round(1000 * self.x)

    @property
    def y_permille(self) -> int:
        """Return y in thousandths of the map."""
        return round(1000 * self.y)

    def to_json(self) -> dict[str, Any]:
        """Return its fields by name."""
        return asdict(self)


def find_regions(
    points: np.ndarray, terms: Sequence[Sequence[str]]
) -> tuple[list[Region], np.ndarray]:
    """Return the regions of (n, 2) points, largest first, named by the `terms` of their works.

    The second value (n,) is the index of each point's region.
    """
    number = min(max(round(len(points) ** 0.5 / 3), MIN_REGIONS), MAX_REGIONS, len(points))
    centres, labels = _clusters(points, number)
    order: list[int] = np.argsort(-np.bincount(labels, minlength=number)).tolist()
    everywhere = Counter(term for each in terms for term in set(each))
    taken: set[str] = set()
    regions = []
    for place, cluster in enumerate(order, 1):
        members = np.flatnonzero(labels == cluster)
        name = _name([terms[each] for each in members.tolist()], everywhere, len(points), taken)
        name = name or str(place)
        taken.add(name)
        away = np.linalg.norm(points[members] - centres[cluster], axis=1)
        radius = float(np.quantile(away, RADIUS_QUANTILE)) if len(members) else 0.0
        x, y = (round(float(each), 4) for each in centres[cluster])
        regions.append(Region(name, x, y, round(max(radius, 0.01), 4), len(members)))
    places = np.empty(number, np.int64)
    places[order] = np.arange(number)
    return regions, places[labels]


def _clusters(points: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Lloyd's k-means, initialised by k-means++; returns (k, 2) centres and (n,) clusters."""
    generator = np.random.default_rng(0)
    centres = points[[generator.integers(len(points))]]
    while len(centres) < number:
        nearest = _squared_distances(points, centres).min(axis=1)
        total = float(nearest.sum())
        weights = nearest / total if total else None
        centres = np.vstack([centres, points[generator.choice(len(points), p=weights)]])
    for _ in range(KMEANS_ITERATIONS):
        labels = _squared_distances(points, centres).argmin(axis=1)
        sums = np.stack([np.bincount(labels, points[:, d], number) for d in (0, 1)], axis=1)
        counts = np.bincount(labels, minlength=number)[:, None]
        updated = np.where(counts > 0, sums / np.maximum(counts, 1), centres)
        if np.allclose(updated, centres, atol=1e-5):
            break
        centres = updated
    return centres, _squared_distances(points, centres).argmin(axis=1)


def _squared_distances(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return ((points[:, None, :] - centres[None]) ** 2).sum(axis=2)


def _name(
    members: Sequence[Sequence[str]], everywhere: Counter[str], total: int, taken: set[str]
) -> str:
    """Return the term with the highest p log(p / q), of its shares p in the region and q in all.

    Returns "" if every term is `taken` or there is none.
    """
    here = Counter(term for each in members for term in set(each))

    def information(term: str) -> float:
        share = here[term] / len(members)
        return share * log(share * total / everywhere[term])

    best = sorted((term for term in here if term not in taken), key=lambda t: (-information(t), t))
    return best[0] if best else ""
