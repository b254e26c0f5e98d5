"""What each row answers to each set of queries, over the full gallery, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.evaluation import metrics, query_sets, rankers, significance, slices
from training.evaluation.full_text import FullText
from training.evaluation.metrics import MEASURES, Ranking
from training.evaluation.query_sets import QuerySet
from training.evaluation.rankers import FULL_TEXT, Model, Row

TO_PICTURE, TO_TEXT, CHANCE = "text to picture", "picture to text", "chance"
DEPTH = 100  # works of each answer that are kept, for runs and pictures of results
BATCH = 128
LEGACY_SHARE = 0.05
LEGACY = ("legacy: top-1 of 128", "legacy: top-5 of 128", "legacy: R@5 % of the library")
SLICED_BY = "MRR"


@dataclass(frozen=True)
class Answers:
    """What one row answered: a ranking and (queries, measures) figures."""

    rankings: list[Ranking]
    values: np.ndarray
    legacy: dict[str, float | None]

    @property
    def ranks(self) -> np.ndarray:
        """The rank of the first work asked for, by query."""
        return np.array([ranking.rank for ranking in self.rankings])


@dataclass(frozen=True)
class Part:
    """One set of queries in one direction, and the answers of each row."""

    direction: str
    asked: QuerySet
    answers: dict[str, Answers]

    @property
    def name(self) -> str:
        """Name it in reports and file names."""
        return f"{self.asked.name}, {self.direction}"

    @property
    def measures(self) -> tuple[str, ...]:
        """P@10 and the like say something only where several works are judged."""
        return MEASURES if self.asked.is_graded else MEASURES[: MEASURES.index("nDCG@10") + 1]

    def summary(self, base: str | None) -> dict[str, Any]:
        """Return all figures; differences are of each row to the row `base`, query by query."""
        shown = len(self.measures)
        found = {
            name: {
                **significance.summary(row.values[:, :shown], self.measures, self.asked.groups),
                "median_rank": float(np.median(row.ranks)),
                **row.legacy,
            }
            for name, row in self.answers.items()
        }
        return {
            "set": self.asked.name,
            "direction": self.direction,
            "queries": len(self.asked.queries),
            "groups": len(set(self.asked.groups)),
            "gallery": len(self.asked.keys),
            "rows": {CHANCE: self._chance(), **found},
            "differences": {
                name: self._difference(name, base)
                for name in self.answers
                if base in self.answers and name != base
            },
            "slices": self._slices(),
        }

    def _chance(self) -> dict[str, float]:
        size = len(self.asked.keys)
        each = [metrics.chance_of(list(grades.values()), size) for grades in self.asked.relevant]
        names = (*self.measures, "median_rank")
        means = {name: float(np.mean([row[name] for row in each])) for name in names}
        legacy = (1 / BATCH, 5 / BATCH, _legacy_cut(size) / size)
        known = next(iter(self.answers.values())).legacy
        return means | {
            name: value
            for name, value in zip(LEGACY, legacy, strict=True)
            if known[name] is not None
        }

    def _difference(self, name: str, base: str | None) -> dict[str, Any]:
        paired = self.answers[name].values - self.answers[str(base)].values
        paired = paired[:, : len(self.measures)]
        found = significance.summary(paired, self.measures, self.asked.groups)
        tested = significance.permutation_p(paired, self.asked.groups)
        for measure, p in zip(self.measures, tested, strict=True):
            found[measure]["p"] = float(p)
        return {"minus": base, **found}

    def _slices(self) -> dict[str, list[dict[str, Any]]]:
        if self.direction != TO_PICTURE or not self.asked.of:
            return {}
        known = slices.facts(self.asked.keys)
        said = [known.get(self.asked.keys[work], {}) for work in self.asked.of]
        column = MEASURES.index(SLICED_BY)
        return slices.by_fact(
            said, {name: row.values[:, column] for name, row in self.answers.items()}
        )


def ask(models: Sequence[Model], asked: Sequence[QuerySet]) -> list[Part]:
    """Ask every set of every row: each model, full text where there is any, and the first model
    fused with full text; texts about works in both directions."""
    parts = []
    for one in asked:
        vectors = {model.name: model.texts(one.queries) for model in models}
        found: dict[str, Row] = {
            model.name: rankers.by_vectors(vectors[model.name], model.pictures) for model in models
        }
        if any(one.documents):
            index, first = FullText(one.documents), models[0]
            found[FULL_TEXT] = rankers.by_words(index, one.queries)
            found[f"hybrid, {first.name}"] = rankers.hybrid(
                index, one.queries, vectors[first.name], first.pictures
            )
        parts.append(Part(TO_PICTURE, one, _answer(one, found)))
        if one.of:
            back = query_sets.reverse(one)
            seen = {
                model.name: rankers.by_vectors(
                    model.pictures[np.array(back.of)], model.texts(back.keys)
                )
                for model in models
            }
            parts.append(Part(TO_TEXT, back, _answer(back, seen)))
    return parts


def _answer(asked: QuerySet, found: Mapping[str, Row]) -> dict[str, Answers]:
    return {name: answer(asked, row) for name, row in found.items()}


def answer(asked: QuerySet, row: Row) -> Answers:
    """Rank the whole gallery for each query.

    The legacy figures are of earlier projects: a work's own text among those of a batch of 128,
    and recall at 5 % of the library. Batches are drawn once by chance, the last, smaller one left
    out; they exist only where each query asks for one work.
    """
    size, total = len(asked.keys), len(asked.queries)
    rankings: dict[int, Ranking] = {}
    in_batch: list[np.ndarray] = []
    single = all(len(grades) == 1 for grades in asked.relevant)
    order = np.random.default_rng(0).permutation(total)
    for start in range(0, total, BATCH):
        numbers = order[start : start + BATCH]
        scores = row(numbers)
        for number, scored in zip(numbers, scores, strict=True):
            rankings[int(number)] = metrics.rank_one(scored, asked.relevant[number], DEPTH)
        if single and len(numbers) == BATCH:
            targets = [next(iter(asked.relevant[number])) for number in numbers]
            in_batch.append(metrics.ranks(scores[:, targets], np.arange(BATCH)))
    ordered = [rankings[number] for number in range(total)]
    values = [_measure(asked, number, ranking) for number, ranking in enumerate(ordered)]
    ranks, batched = np.array([r.rank for r in ordered]), np.concatenate(in_batch or [np.empty(0)])
    legacy = (
        metrics.recall_at(batched, 1) if len(batched) else None,
        metrics.recall_at(batched, 5) if len(batched) else None,
        metrics.recall_at(ranks, _legacy_cut(size)),
    )
    return Answers(ordered, np.array(values), dict(zip(LEGACY, legacy, strict=True)))


def _legacy_cut(size: int) -> int:
    return int(np.ceil(LEGACY_SHARE * size))


def _measure(asked: QuerySet, number: int, ranking: Ranking) -> list[float]:
    grades = asked.relevant[number]
    found = [grades.get(int(column), 0) for column in ranking.columns[: metrics.DEPTH]]
    measured = metrics.of_query(found, list(grades.values()), ranking.rank)
    return [measured[name] for name in MEASURES]
