"""Hand-written queries with the attributes that they ask for, and the precision of rankings."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.demo_model.texts import Attribute
from training.evaluation import metrics

FOLDER = Path(__file__).parent / "visitor_queries"
PRECISION_DEPTH = 5


@dataclass(frozen=True)
class VisitorQuery:
    """A query in a visitor's words; a work answers it if it has all of its `attributes`."""

    words: str
    attributes: frozenset[Attribute]


def read(name: str) -> list[VisitorQuery]:
    """Read `visitor_queries/<name>.jsonl`: "visitors" is for reporting, "dev" for development."""
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [_query(json.loads(line)) for line in lines]


def _query(record: dict[str, Any]) -> VisitorQuery:
    attributes = ((kind, value) for kind, values in record["wants"].items() for value in values)
    return VisitorQuery(record["query"], frozenset(attributes))


def judge(
    queries: Sequence[VisitorQuery], scores: np.ndarray, shown: Sequence[frozenset[Attribute]]
) -> dict[str, Any]:
    """Judge the five best works of each query; `scores` is (queries, gallery).

    Returns the precision at 5 with that of a random order (`chance`) and of a perfect one
    (`ceiling`, below 1 if fewer than five works answer), the same for each requested attribute by
    kind, and the precision of each query.
    """
    best = metrics.top(scores, PRECISION_DEPTH)
    answers = np.array([[query.attributes <= work for work in shown] for query in queries])
    precision = np.take_along_axis(answers, best, axis=1).mean(axis=1)
    return {
        "queries": len(queries),
        "gallery": len(shown),
        "P@5": float(precision.mean()),
        "chance": float(answers.mean()),
        "ceiling": float(
            (np.minimum(answers.sum(axis=1), PRECISION_DEPTH) / PRECISION_DEPTH).mean()
        ),
        "by_kind": _by_kind(queries, best, shown),
        "each": {q.words: float(p) for q, p in zip(queries, precision, strict=True)},
    }


def _by_kind(
    queries: Sequence[VisitorQuery], best: np.ndarray, shown: Sequence[frozenset[Attribute]]
) -> dict[str, dict[str, float]]:
    hits: dict[str, list[float]] = defaultdict(list)
    rates: dict[str, list[float]] = defaultdict(list)
    for query, row in zip(queries, best, strict=True):
        for want in sorted(query.attributes):
            hits[want[0]].append(float(np.mean([want in shown[work] for work in row])))
            rates[want[0]].append(float(np.mean([want in work for work in shown])))
    return {
        kind: {
            "wanted": len(values),
            "precision": float(np.mean(values)),
            "chance": float(np.mean(rates[kind])),
        }
        for kind, values in sorted(hits.items())
    }
