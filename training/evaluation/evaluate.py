"""A whole evaluation of models on data, compared with full text, a base and chance.

`manage.py evaluate` is the command; docs/evaluation.md explains its output.
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
from training.datasets import museum, split
from training.datasets.dataset import Dataset, DatasetError, Item
from training.evaluation import minimal_pairs, query_sets, rankers, results
from training.evaluation.finetuned_run import FinetunedRun, unblended_encoder
from training.evaluation.metrics import RELEVANT_GRADE
from training.evaluation.query_sets import QuerySet
from training.evaluation.rankers import GalleryModel
from training.evaluation.results import SetResult

MUSEUM_SOURCES = ("artic", "sample")


@dataclass(frozen=True)
class Evaluation:
    """The models and queries of an evaluation, with all results."""

    dataset: Dataset
    gallery: list[Item]
    models: list[GalleryModel]
    base: str | None
    run: FinetunedRun
    part: str
    results: list[SetResult]
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
            "sets": [result.summary(self.base) for result in self.results],
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
    """Evaluate `model` and `against` on the items of `part`, over the whole gallery.

    A fine-tuned model is evaluated on the split of its run; a WiSE-FT blend adds a row with the
    unblended weights. A set has at most `most` queries; `pairs` minimal pairs of each kind are
    drawn. Raises `EncoderUnavailable` and `DatasetError`.
    """
    started = time.monotonic()
    run = FinetunedRun.of(model)
    named, known = _encoders(model, against, run)
    models, readable = rankers.encode_gallery(named, dataset.items, known, progress=progress)
    gallery = [dataset.items[number] for number in readable]
    group_names = split.groups(dataset.items)
    is_of_run = _without_generated(run.data) == _without_generated(dataset.spec) and bool(run.parts)
    parts = run.parts if is_of_run else split.split(dataset, seed)
    known_parts = {item.key: parts.get(item.key, "") for item in gallery}
    groups = [group_names[number] for number in readable]
    sets = query_sets.held_out(gallery, known_parts, groups, part, most)
    if queries is not None:
        sets.append(query_sets.judged(queries.stem, gallery, query_sets.read(queries)))
    sets += _curators_queries(gallery, dataset)
    if not sets:
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
        results=results.rank_sets(models, sets),
        probes={each.name: _probes(each, sets, pairs) for each in models},
        seconds=time.monotonic() - started,
    )


def default_data(model: EmbeddingModel) -> str:
    """Return the default data of a model: what it was tuned on, or else the museum."""
    return _without_generated(FinetunedRun.of(model).data) or (
        "sample" if model.is_synthetic else "artic"
    )


def default_base(model: EmbeddingModel) -> EmbeddingModel | None:
    """Return the model that `model` was tuned from, if it is registered."""
    return EmbeddingModel.objects.filter(name=FinetunedRun.of(model).base).first()


def _without_generated(spec: str) -> str:
    """Return `spec` without texts by a model, which are never used for evaluation."""
    return spec.removesuffix(museum.GENERATED)


def _curators_queries(gallery: Sequence[Item], dataset: Dataset) -> list[QuerySet]:
    """Return the museum's own judged queries for reporting, if there are any."""
    if _without_generated(dataset.spec) not in MUSEUM_SOURCES:
        return []
    ids = {item.key for item in gallery}
    queries = [
        (each.query, {str(work): grade for work, grade in each.grades.items()})
        for each in judged_queries.verdicts(judged_queries.Split.TEST)
        if any(str(work) in ids and grade >= RELEVANT_GRADE for work, grade in each.grades.items())
    ]
    return [query_sets.judged("curators' judgments", gallery, queries)] if queries else []


def find_model(name: str) -> EmbeddingModel:
    """Return the registered model of this name, or an unsaved one.

    Raises `UnknownModel`. Whether the model can be loaded is for `encoders.get_encoder` to tell.
    """
    known = known_models.identify(name)
    model = EmbeddingModel.objects.filter(name=known.name).first()
    return model or EmbeddingModel(
        name=known.name,
        architecture=known.architecture,
        pretrained=known.pretrained,
        checkpoint=known.checkpoint,
        licence=known.licence,
        is_synthetic=known.is_synthetic,
        dimension=1,
    )


def _encoders(
    model: EmbeddingModel, against: EmbeddingModel | None, run: FinetunedRun
) -> tuple[dict[str, Encoder], dict[str, dict[str, Any]]]:
    """Return the encoders by the names of their rows, and the vectors stored in the database."""
    models = [one for one in (model, against) if one is not None]
    by_row = {one.name: encoders.get_encoder(one) for one in models}
    known = {one.name: rankers.stored_vectors(one, by_row[one.name]) for one in models}
    if against and run.is_blend and run.base == against.name and run.alpha:
        end = unblended_encoder(by_row[against.name], by_row[model.name], run.alpha)
        if end is not None:
            name = f"{model.name}, alpha 1"
            by_row[name], known[name] = end, {}
    return by_row, known


def _probes(model: GalleryModel, sets: Sequence[QuerySet], number: int) -> dict[str, Any]:
    """Return the accuracy on drawn minimal pairs, and on edited texts of the sets about works."""
    pairs: list[tuple[str, str, str]] = []
    columns: list[int] = []
    for query_set in sets:
        for work, text in zip(query_set.works, query_set.queries, strict=False):
            for kind, wrong in minimal_pairs.edits(text):
                pairs.append((kind, text, wrong))
                columns.append(work)
    edited = minimal_pairs.accuracy(model.encoder, model.pictures[columns], pairs) if pairs else {}
    return {"drawn": minimal_pairs.accuracy_on_drawn_pairs(model.encoder, number), "edited": edited}
