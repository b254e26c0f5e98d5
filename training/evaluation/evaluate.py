"""A whole evaluation: models over data, beside full text, a base and chance.

`manage.py evaluate` is the command, docs/evaluation.md says how to read what it prints.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search import encoders
from search.embeddings import known_models
from search.encoders import Encoder
from search.evaluation import judged_queries
from search.models import EmbeddingModel
from training.datasets import Dataset, DatasetError, Item, museum, split
from training.evaluation import minimal_pairs, query_sets, rankers, results
from training.evaluation.finetuned_run import TunedRun, unblended
from training.evaluation.metrics import ASKED_FOR
from training.evaluation.query_sets import QuerySet
from training.evaluation.rankers import Model
from training.evaluation.results import Part

SOURCES = ("artic", "sample")


@dataclass(frozen=True)
class Evaluation:
    """What was asked of which models, and all that is known of the answers."""

    dataset: Dataset
    gallery: list[Item]
    models: list[Model]
    base: str | None
    run: TunedRun
    part: str
    parts: list[Part]
    probes: dict[str, dict[str, Any]]
    seconds: float

    def summary(self) -> dict[str, Any]:
        """Return every figure, for JSON."""
        return {
            "model": self.models[0].name,
            "against": self.base,
            "data": self.dataset.spec,
            "is_generated": self.dataset.is_generated,
            "part": self.part,
            "gallery": len(self.gallery),
            "alpha": self.run.alpha,
            "fingerprints": {model.name: model.encoder.fingerprint for model in self.models},
            "sets": [part.summary(self.base) for part in self.parts],
            "probes": self.probes,
            "seconds": round(self.seconds, 1),
        }


def evaluate(
    model: EmbeddingModel,
    against: EmbeddingModel | None,
    dataset: Dataset,
    *,
    queries: Path | None = None,
    part: str = "test",
    seed: int = 0,
    most: int = 2000,
    pairs: int = 200,
    progress: bool = False,
) -> Evaluation:
    """Evaluate `model` beside `against` on the items of `part`, over the whole gallery.

    Of a fine-tuned model the split of its run is used; of its WiSE-FT blend the unblended weights
    are a row as well. A set has at most `most` queries; of each kind of minimal pairs `pairs` are
    drawn. Raises `EncoderUnavailableError` and `DatasetError`.
    """
    started = time.monotonic()
    run = TunedRun.of(model)
    named, known = _encoders(model, against, run)
    models, readable = rankers.look(named, dataset.items, known, progress=progress)
    gallery = [dataset.items[number] for number in readable]
    grouped = split.groups(dataset.items)
    is_of_run = _own(run.data) == _own(dataset.spec) and bool(run.parts)
    parts = run.parts if is_of_run else split.split(dataset, seed)
    known_parts = {item.key: parts.get(item.key, "") for item in gallery}
    groups = [grouped[number] for number in readable]
    asked = query_sets.held_out(gallery, known_parts, groups, part, most)
    if queries is not None:
        asked.append(query_sets.judged(queries.stem, gallery, query_sets.read(queries)))
    asked += _curators(gallery, dataset)
    if not asked:
        raise DatasetError(
            f"{dataset.spec} has no texts about works of the part {part!r}, and no judged query"
        )
    return Evaluation(
        dataset=dataset,
        gallery=gallery,
        models=models,
        base=against.name if against else None,
        run=run,
        part=part,
        parts=results.ask(models, asked),
        probes={each.name: _probes(each, asked, pairs) for each in models},
        seconds=time.monotonic() - started,
    )


def default_data(model: EmbeddingModel) -> str:
    """Return what a model is evaluated on unless told: what it was tuned on, else the museum."""
    return _own(TunedRun.of(model).data) or ("sample" if model.is_synthetic else "artic")


def default_base(model: EmbeddingModel) -> EmbeddingModel | None:
    """Return the model that `model` was tuned from, if it is registered."""
    return EmbeddingModel.objects.filter(name=TunedRun.of(model).base).first()


def _own(spec: str) -> str:
    """Return the data without texts that a model wrote: nothing is judged by those."""
    return spec.removesuffix(museum.GENERATED)


def _curators(gallery: Sequence[Item], dataset: Dataset) -> list[QuerySet]:
    """Return the museum's own judged queries that are for reporting, if it has any."""
    if _own(dataset.spec) not in SOURCES:
        return []
    ids = {item.key for item in gallery}
    asked = [
        (each.query, {str(work): grade for work, grade in each.grades.items()})
        for each in judged_queries.verdicts(judged_queries.Split.TEST)
        if any(str(work) in ids and grade >= ASKED_FOR for work, grade in each.grades.items())
    ]
    return [query_sets.judged("curators' judgments", gallery, asked)] if asked else []


def find(name: str) -> EmbeddingModel:
    """Return a registered model, or one that is not registered by it.

    Raises `UnknownModelError`; `encoders.get_encoder` then says whether it can be loaded.
    """
    known = known_models.identify(name)
    found = EmbeddingModel.objects.filter(name=known.name).first()
    return found or EmbeddingModel(
        name=known.name,
        architecture=known.architecture,
        pretrained=known.pretrained,
        checkpoint=known.checkpoint,
        licence=known.licence,
        is_synthetic=known.is_synthetic,
        dimension=1,
    )


def _encoders(
    model: EmbeddingModel, against: EmbeddingModel | None, run: TunedRun
) -> tuple[dict[str, Encoder], dict[str, dict[str, Any]]]:
    """Return the encoders by the names of their rows, and the vectors that the database has."""
    found = {one.name: encoders.get_encoder(one) for one in (model, against) if one is not None}
    stored = [one for one in (model, against) if one is not None]
    known = {one.name: rankers.stored_vectors(one, found[one.name]) for one in stored}
    if against and run.is_blend and run.base == against.name and run.alpha:
        whole = unblended(found[against.name], found[model.name], run.alpha)
        if whole is not None:
            name = f"{model.name}, alpha 1"
            found[name], known[name] = whole, {}
    return found, known


def _probes(model: Model, asked: Sequence[QuerySet], number: int) -> dict[str, Any]:
    """Judge drawn shapes, and the edited texts of the sets about works."""
    pairs: list[tuple[str, str, str]] = []
    seen: list[int] = []
    for one in asked:
        for work, text in zip(one.of, one.queries, strict=False):
            for kind, wrong in minimal_pairs.edits(text):
                pairs.append((kind, text, wrong))
                seen.append(work)
    edited = minimal_pairs.judge(model.encoder, model.pictures[seen], pairs) if pairs else {}
    return {"drawn": minimal_pairs.judge_drawn(model.encoder, number), "edited": edited}
