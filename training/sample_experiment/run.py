"""The experiment on generated pictures, from an untrained model to an evaluated one.

The base learns the `known_scenes`; the museum has works with things that the base never saw. Recipe
and alpha are chosen on validation works; the figures are those of test works and of a second probe.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from search.encoders.open_clip_encoder import OpenClipEncoder
from training.demo_model import architecture, config, corpus, evaluate, texts, train, vocabulary
from training.demo_model.attributes import AttributeIndex
from training.demo_model.corpus import Corpus
from training.evaluation import metrics, significance
from training.finetuning.config import Recipe
from training.finetuning.distributed import ProcessGroup
from training.finetuning.run import Run, TunedModel, finetune
from training.finetuning.towers import Towers
from training.finetuning.validation import RetrievalTask
from training.sample_experiment import scenes

# For a model of 5 M parameters from scratch, chosen on validation works. A CLIP needs the defaults.
RECIPE = Recipe(
    head_epochs=15,
    head_batch=512,
    head_texts=2,
    epochs=8,
    batch=64,
    micro=64,
    rate=3e-4,
    image_decay=0.9,
    text_decay=0.9,
    patience=8,  # the rate is high: validation falls before it rises
)
MEASURES = ("R@5", "nDCG@10")


def recipe(epochs: int | None, seed: int) -> Recipe:
    """Return the recipe of the experiment."""
    return replace(RECIPE, seed=seed, epochs=epochs or RECIPE.epochs)


@dataclass(frozen=True)
class Sizes:
    """The number of works of each kind, and the epochs of the base."""

    base: int = 12_000
    base_epochs: int = 3
    collection: int = 3_000
    probe: int = 3_000  # works of each probe: one chooses alpha, the other is reported
    seed: int = 0


@dataclass(frozen=True)
class Corpora:
    """The rendered pictures of the experiment: the base's, the museum's, and those of two
    probes."""

    base: Corpus
    collection: Corpus
    choosing: Corpus
    reported: Corpus

    @classmethod
    def of(cls, sizes: Sizes, *, progress: bool = False) -> Corpora:
        """Compose and render, or read from the cache."""
        known = scenes.known_scenes(sizes.base + 2 * sizes.probe, sizes.seed)
        choosing, reported = sizes.base, sizes.base + sizes.probe
        scene_lists = (
            known[:choosing],
            scenes.collection_scenes(sizes.collection, sizes.seed),
            known[choosing:reported],
            known[reported:],
        )
        return cls(*(corpus.render_corpus(each, progress=progress) for each in scene_lists))


def train_base(
    corpora: Corpora, sizes: Sizes, folder: Path, report: Callable[[str], None]
) -> OpenClipEncoder:
    """Train the base into `folder`.

    Its vocabulary covers base and museum: words that no text of the base uses stay untrained, as
    CLIP's byte pairs cover words that it hardly ever saw.
    """
    all_scenes = [*corpora.base.scenes, *corpora.collection.scenes]
    draws = min(50_000, 20 * len(all_scenes))
    words = vocabulary.collect(all_scenes, sizes.seed, draws=draws, at_least=8)
    recipe = config.Recipe(cycles=1, epochs=sizes.base_epochs, seed=sizes.seed)
    trained = train.train(corpora.base, recipe, report, words=words)
    architecture.save(trained.model, trained.tokenizer, folder)
    return load(folder)


def load(folder: Path) -> OpenClipEncoder:
    """Load a base; raises `EncoderUnavailable`."""
    encoder = evaluate.load(folder)
    assert isinstance(encoder, OpenClipEncoder)  # noqa: S101 - a folder is loaded by open_clip
    return encoder


def run(
    corpora: Corpora,
    base: OpenClipEncoder,
    recipe: Recipe,
    folder: Path,
    report: Callable[[str], None],
) -> tuple[TunedModel, dict[str, Any]]:
    """Fine-tune `base` on the collection; return the run and its figures on test works."""
    cache = corpus.cache_folder().parent / "finetune"
    experiment = Run(
        base,
        scenes.dataset("sample-rest", corpora.collection),
        recipe,
        folder,
        cache,
        probe=scenes.probe("sample-known", corpora.choosing),
        report=report,
    )
    experiment.clear()  # the figures include the time of the whole run
    tuned = finetune(experiment)
    experiment.clear()
    return tuned, figures(corpora, base, tuned)


def figures(corpora: Corpora, base: OpenClipEncoder, tuned: TunedModel) -> dict[str, Any]:
    """Return figures of base and tuned model with paired intervals, drawn by groups of works."""
    before = Towers.of(base, torch.device("cpu"))
    queries = TestQueries.of(corpora.collection, tuned)
    probe = _probe_task(corpora.reported)
    scored = {name: queries.values(towers) for name, towers in
              (("base", before), ("tuned", tuned.towers))}  # fmt: skip
    low, high = significance.interval(scored["tuned"] - scored["base"], tuned.test_groups)
    base_recalls, tuned_recalls = (
        probe.recalls(towers, ProcessGroup()) for towers in (before, tuned.towers)
    )
    lost = significance.interval((base_recalls - tuned_recalls)[:, None])
    gallery = len(corpora.collection.scenes)
    return {
        "scored": {
            name: dict(zip(MEASURES, map(float, values.mean(axis=0)), strict=True))
            for name, values in scored.items()
        },
        "gain": {name: [float(low[n]), float(high[n])] for n, name in enumerate(MEASURES)},
        "chance": {"R@5": metrics.chance(gallery)["R@5"], "nDCG@10": queries.chance()},
        "alpha": tuned.chosen.alpha,
        "probe_drop": float((base_recalls - tuned_recalls).mean()),
        "probe_drop_ci": [float(end[0]) for end in lost],
        "probe_base": float(base_recalls.mean()),
        "queries": len(tuned.test_rows),
        "groups": len(set(tuned.test_groups)),
        "gallery": gallery,
    }


@dataclass(frozen=True)
class TestQueries:
    """Two queries about each test work: its alt text, and a short query as a visitor types it.

    `missing` (queries, gallery) is the number of a short query's attributes that a work lacks;
    `requested` (queries,) is the number of its attributes.
    """

    alt_texts: RetrievalTask
    short: list[str]
    missing: np.ndarray
    requested: np.ndarray

    @classmethod
    def of(cls, collection: Corpus, tuned: TunedModel) -> TestQueries:
        """Draw the queries; they are the same for every model."""
        test_scenes = [collection.scenes[row] for row in tuned.test_rows]
        drawn = [texts.short_query(s, random.Random(f"asked {s.key()}")) for s in test_scenes]
        attributes = [texts.scene_attributes(scene) for scene in collection.scenes]
        index = AttributeIndex(attributes)
        requested = index.rows([text.attributes for text in drawn])
        missing = requested.astype(np.float32) @ (~index.rows(attributes)).astype(np.float32).T
        alt_texts = RetrievalTask(collection.pixels, scenes.alt_texts(test_scenes), tuned.test_rows)
        return cls(alt_texts, [text.words for text in drawn], missing, requested.sum(axis=1))

    def grades(self) -> np.ndarray:
        """Return (queries, gallery): 2 if a work has all attributes, 1 if it lacks one of
        several."""
        nearly = (self.missing == 1) & (self.requested > 1)[:, None]
        return np.where(self.missing == 0, 2, nearly.astype(int))

    def values(self, towers: Towers) -> np.ndarray:
        """Return (queries, 2): whether the work is among the first five, and nDCG@10."""
        task = RetrievalTask(
            self.alt_texts.pixels,
            [*self.alt_texts.texts, *self.short],
            np.tile(self.alt_texts.targets, 2),
        )
        images, vectors = task.vectors(towers, ProcessGroup())
        ranks = metrics.ranks(vectors[: len(self.short)] @ images.T, self.alt_texts.targets)
        best = metrics.top(vectors[len(self.short) :] @ images.T, 10)
        return np.stack([ranks <= 5, self.ndcg(best)], axis=1).astype(float)

    def chance(self) -> float:
        """Return the nDCG@10 of a random order."""
        rng = np.random.default_rng(0)
        size = self.missing.shape[1]
        return float(self.ndcg(np.stack([rng.permutation(size)[:10] for _ in self.short])).mean())

    def ndcg(self, best: np.ndarray) -> np.ndarray:
        """Return the nDCG@10 of each query for the ten works `best` (queries, 10), best first."""
        gains = 2.0 ** self.grades() - 1
        discounts = 1 / np.log2(np.arange(2, 12))
        ideal = -np.sort(-gains, axis=1)[:, :10] @ discounts
        return np.take_along_axis(gains, best, axis=1) @ discounts / ideal


def _probe_task(probe: Corpus) -> RetrievalTask:
    return RetrievalTask(probe.pixels, scenes.alt_texts(probe.scenes), np.arange(len(probe.scenes)))
