"""Figures for parts of a museum's collection: by department, medium and century."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from museum.models import Artwork

MIN_QUERIES = 30  # of a slice that is shown: figures of fewer would be noise
_BATCH = 5000


def facts(keys: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return department, medium and century of the works with these ids, where known."""
    by_key: dict[str, dict[str, str]] = {}
    ids = [int(key) for key in keys if key.isascii() and key.isdigit()]
    for start in range(0, len(ids), _BATCH):
        rows = Artwork.objects.filter(artic_id__in=ids[start : start + _BATCH]).values_list(
            "artic_id", "department", "medium_display", "date_start"
        )
        for artic_id, department, medium, year in rows:
            work_facts = {
                "department": department,
                "medium": medium and medium.split(",")[0].strip().lower(),
                "century": None if year is None else century(year),
            }
            by_key[str(artic_id)] = {name: value for name, value in work_facts.items() if value}
    return by_key


def century(year: int) -> str:
    """Name the century of a year; years before the common era are negative."""
    if year <= 0:
        return f"{_ordinal((-year - 1) // 100 + 1 if year else 1)} century BCE"
    return f"{_ordinal((year - 1) // 100 + 1)} century"


def _ordinal(number: int) -> str:
    teens = 10 <= number % 100 <= 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def by_fact(
    query_facts: Sequence[dict[str, str]], measured: dict[str, np.ndarray]
) -> dict[str, list[dict[str, Any]]]:
    """Return for each fact its values with enough queries: n, and the mean of each row.

    `query_facts` are the facts of each query's work; `measured` has one figure a query for each
    row.
    """
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, each in enumerate(query_facts):
        for pair in each.items():
            members[pair].append(number)
    report: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (fact, value), numbers in sorted(members.items(), key=lambda item: -len(item[1])):
        if len(numbers) >= MIN_QUERIES:
            means = {row: float(values[numbers].mean()) for row, values in measured.items()}
            report[fact].append({"value": value, "n": len(numbers), "rows": means})
    return dict(report)
