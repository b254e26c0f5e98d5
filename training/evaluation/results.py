"""The rankings of each row for each set of queries over the full gallery, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.evaluation import metrics, query_sets, rankers, significance, slices
from training.evaluation.full_text import FullText
from training.evaluation.metrics import MEASURES, Ranking
from training.evaluation.query_sets import QuerySet
from training.evaluation.rankers import FULL_TEXT, GalleryModel, Scorer

TO_PICTURE, TO_TEXT, CHANCE = "text to picture", "picture to text", "chance"
RANKING_DEPTH = 100  # works of each ranking that are stored, for run files and images
LEGACY_BATCH = 128
LEGACY_SHARE = 0.05
LEGACY = ("legacy: top-1 of 128", "legacy: top-5 of 128", "legacy: R@5 % of the library")
SLICED_BY = "MRR"


@dataclass(frozen=True)
class RowRankings:
    """The rankings of one row, by query, and their (queries, measures) figures."""

    rankings: list[Ranking]
    values: np.ndarray
    legacy: dict[str, float | None]

    @property
    def ranks(self) -> np.ndarray:
        """The rank of the first relevant work, by query."""
        return np.array([ranking.rank for ranking in self.rankings])


@dataclass(frozen=True)
class SetResult:
    """One set of queries in one direction, and the rankings of each row."""

    direction: str
    query_set: QuerySet
    rankings: dict[str, RowRankings]

    @property
    def name(self) -> str:
        """The name in reports and file names."""
        return f"{self.query_set.name}, {self.direction}"

    @property
    def measures(self) -> tuple[str, ...]:
        """P@10 and Recall@10 only make sense if several works are judged."""
        return MEASURES if self.query_set.is_graded else MEASURES[: MEASURES.index("nDCG@10") + 1]

    def summary(self, base: str | None) -> dict[str, Any]:
        """Return all figures; differences are those of each row to the row `base`, query by
        query."""
        number = len(self.measures)
        rows = {
            name: {
                **significance.summary(
                    row.values[:, :number], self.measures, self.query_set.groups
                ),
                "median_rank": float(np.median(row.ranks)),
                **row.legacy,
            }
            for name, row in self.rankings.items()
        }
        return {
            "set": self.query_set.name,
            "direction": self.direction,
            "queries": len(self.query_set.queries),
            "groups": len(set(self.query_set.groups)),
            "gallery": len(self.query_set.keys),
            "rows": {CHANCE: self._chance(), **rows},
            "differences": {
                name: self._difference(name, base)
                for name in self.rankings
                if base in self.rankings and name != base
            },
            "slices": self._slices(),
        }

    def _chance(self) -> dict[str, float]:
        size = len(self.query_set.keys)
        each = [
            metrics.chance_of(list(grades.values()), size) for grades in self.query_set.relevant
        ]
        names = (*self.measures, "median_rank")
        means = {name: float(np.mean([row[name] for row in each])) for name in names}
        legacy = (1 / LEGACY_BATCH, 5 / LEGACY_BATCH, _legacy_cut(size) / size)
        known = next(iter(self.rankings.values())).legacy
        return means | {
            name: value
            for name, value in zip(LEGACY, legacy, strict=True)
            if known[name] is not None
        }

    def _difference(self, name: str, base: str | None) -> dict[str, Any]:
        paired = self.rankings[name].values - self.rankings[str(base)].values
        paired = paired[:, : len(self.measures)]
        differences = significance.summary(paired, self.measures, self.query_set.groups)
        p_values = significance.permutation_p(paired, self.query_set.groups)
        for measure, p in zip(self.measures, p_values, strict=True):
            differences[measure]["p"] = float(p)
        return {"minus": base, **differences}

    def _slices(self) -> dict[str, list[dict[str, Any]]]:
        if self.direction != TO_PICTURE or not self.query_set.works:
            return {}
        known = slices.facts(self.query_set.keys)
        facts = [known.get(self.query_set.keys[work], {}) for work in self.query_set.works]
        column = MEASURES.index(SLICED_BY)
        return slices.by_fact(
            facts, {name: row.values[:, column] for name, row in self.rankings.items()}
        )


def rank_sets(models: Sequence[GalleryModel], sets: Sequence[QuerySet]) -> list[SetResult]:
    """Rank every set by every row: each model, full text if there is any, and the first model fused
    with full text. Sets of texts about works are ranked in both directions."""
    results = []
    for query_set in sets:
        vectors = {model.name: model.texts(query_set.queries) for model in models}
        scorers: dict[str, Scorer] = {
            model.name: rankers.by_vectors(vectors[model.name], model.pictures) for model in models
        }
        if any(query_set.documents):
            index, first = FullText(query_set.documents), models[0]
            scorers[FULL_TEXT] = rankers.by_full_text(index, query_set.queries)
            scorers[f"hybrid, {first.name}"] = rankers.hybrid(
                index, query_set.queries, vectors[first.name], first.pictures
            )
        results.append(SetResult(TO_PICTURE, query_set, _rank_all(query_set, scorers)))
        if query_set.works:
            reverse = query_sets.reverse(query_set)
            scorers = {
                model.name: rankers.by_vectors(
                    model.pictures[np.array(reverse.works)], model.texts(reverse.keys)
                )
                for model in models
            }
            results.append(SetResult(TO_TEXT, reverse, _rank_all(reverse, scorers)))
    return results


def _rank_all(query_set: QuerySet, scorers: Mapping[str, Scorer]) -> dict[str, RowRankings]:
    return {name: rank_gallery(query_set, scorer) for name, scorer in scorers.items()}


def rank_gallery(query_set: QuerySet, scorer: Scorer) -> RowRankings:
    """Rank the whole gallery for each query.

    The legacy figures are those of earlier projects: a work's own text among those of a batch of
    128, and recall at 5 % of the library. Batches are drawn at random, without the last, smaller
    one; they exist only if each query has one relevant work.
    """
    size, total = len(query_set.keys), len(query_set.queries)
    rankings: dict[int, Ranking] = {}
    in_batch: list[np.ndarray] = []
    is_single = all(len(grades) == 1 for grades in query_set.relevant)
    order = np.random.default_rng(0).permutation(total)
    for start in range(0, total, LEGACY_BATCH):
        numbers = order[start : start + LEGACY_BATCH]
        scores = scorer(numbers)
        for number, scored in zip(numbers, scores, strict=True):
            rankings[int(number)] = metrics.rank_one(
                scored, query_set.relevant[number], RANKING_DEPTH
            )
        if is_single and len(numbers) == LEGACY_BATCH:
            targets = [next(iter(query_set.relevant[number])) for number in numbers]
            in_batch.append(metrics.ranks(scores[:, targets], np.arange(LEGACY_BATCH)))
    ordered = [rankings[number] for number in range(total)]
    values = [_measure(query_set, number, ranking) for number, ranking in enumerate(ordered)]
    ranks, batched = np.array([r.rank for r in ordered]), np.concatenate(in_batch or [np.empty(0)])
    legacy = (
        metrics.recall_at(batched, 1) if len(batched) else None,
        metrics.recall_at(batched, 5) if len(batched) else None,
        metrics.recall_at(ranks, _legacy_cut(size)),
    )
    return RowRankings(ordered, np.array(values), dict(zip(LEGACY, legacy, strict=True)))


def _legacy_cut(size: int) -> int:
    return int(np.ceil(LEGACY_SHARE * size))


def _measure(query_set: QuerySet, number: int, ranking: Ranking) -> list[float]:
    grades = query_set.relevant[number]
    ranked_grades = [
        grades.get(int(column), 0) for column in ranking.columns[: metrics.MEASURE_DEPTH]
    ]
    measured = metrics.of_query(ranked_grades, list(grades.values()), ranking.rank)
    return [measured[name] for name in MEASURES]
