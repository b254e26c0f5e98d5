"""Fine-tuning tried on the generator's world, from an untrained model to a judged one.

The base learns what `sample_world.known` shows; the museum has what it never saw. Recipe and alpha
are chosen on validation works; the figures are those of test works and of a probe that chose
nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ingest.sample.scenes import Scene
from search.encoders.open_clip_encoder import OpenClipEncoder
from training.demo_model import config, evaluate, model, texts, train, vocabulary
from training.demo_model import corpus as corpus_module
from training.demo_model.attributes import AttributeIndex
from training.demo_model.corpus import Corpus
from training.evaluation import metrics, significance
from training.finetuning import run as run_module
from training.finetuning.config import Recipe
from training.finetuning.distributed import Ranks
from training.finetuning.run import Run, Tuned
from training.finetuning.towers import Towers
from training.finetuning.validation import Judge
from training.sample_experiment import world as world_module

# For a model of 5 M parameters from scratch; found on validation works. A CLIP wants the defaults.
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
    """Return the trial's recipe."""
    return replace(RECIPE, seed=seed, epochs=epochs or RECIPE.epochs)


@dataclass(frozen=True)
class Sizes:
    """How many works of each kind, and how long the base learns."""

    base: int = 12_000
    base_epochs: int = 3
    collection: int = 3_000
    probe: int = 3_000  # each of two: one that alpha is chosen by, one that is reported
    seed: int = 0


@dataclass(frozen=True)
class World:
    """The pictures of a trial, rendered."""

    base: Corpus
    collection: Corpus
    choosing: Corpus
    reported: Corpus

    @classmethod
    def of(cls, sizes: Sizes, *, progress: bool = False) -> World:
        """Compose and render, or find it in the cache."""
        known = world_module.known(sizes.base + 2 * sizes.probe, sizes.seed)
        choosing, reported = sizes.base, sizes.base + sizes.probe
        scenes = (
            known[:choosing],
            world_module.collection(sizes.collection, sizes.seed),
            known[choosing:reported],
            known[reported:],
        )
        return cls(*(corpus_module.rendered(each, progress=progress) for each in scenes))


def train_base(
    world: World, sizes: Sizes, folder: Path, report: Callable[[str], None]
) -> OpenClipEncoder:
    """Train the base into `folder`.

    It has the words of the whole world, untrained where no text used them, as CLIP's byte pairs
    cover words that it hardly read.
    """
    scenes = [*world.base.scenes, *world.collection.scenes]
    draws = min(50_000, 20 * len(scenes))
    words = vocabulary.collect(scenes, sizes.seed, draws=draws, at_least=8)
    recipe = config.Recipe(cycles=1, epochs=sizes.base_epochs, seed=sizes.seed)
    trained = train.train(world.base, recipe, report, words=words)
    model.save(trained.model, trained.tokenizer, folder)
    return load(folder)


def load(folder: Path) -> OpenClipEncoder:
    """Load a base; raises `EncoderUnavailableError`."""
    encoder = evaluate.load(folder)
    assert isinstance(encoder, OpenClipEncoder)  # noqa: S101 - a folder is loaded by open_clip
    return encoder


def run(
    world: World,
    base: OpenClipEncoder,
    recipe: Recipe,
    folder: Path,
    report: Callable[[str], None],
) -> tuple[Tuned, dict[str, Any]]:
    """Fine-tune `base` on the collection; return the run and its figures on test works."""
    cache = corpus_module.cache_folder().parent / "finetune"
    whole = Run(
        base,
        world_module.dataset("sample-rest", world.collection),
        recipe,
        folder,
        cache,
        probe=world_module.probe("sample-known", world.choosing),
        report=report,
    )
    whole.clear()  # a trial is timed from its beginning
    tuned = run_module.run(whole)
    whole.clear()
    return tuned, figures(world, base, tuned)


def figures(world: World, base: OpenClipEncoder, tuned: Tuned) -> dict[str, Any]:
    """Return figures of base and tuned model with paired intervals, drawn by groups of works."""
    before = Towers.of(base, torch.device("cpu"))
    asked = Asked.of(world.collection, tuned)
    probe = _probe(world.reported)
    scored = {name: asked.values(towers) for name, towers in
              (("base", before), ("tuned", tuned.towers))}  # fmt: skip
    low, high = significance.interval(scored["tuned"] - scored["base"], tuned.test_groups)
    knew, knows = (probe.recalls(towers, Ranks()) for towers in (before, tuned.towers))
    lost = significance.interval((knew - knows)[:, None])
    gallery = len(world.collection.scenes)
    return {
        "scored": {
            name: dict(zip(MEASURES, map(float, values.mean(axis=0)), strict=True))
            for name, values in scored.items()
        },
        "gain": {name: [float(low[n]), float(high[n])] for n, name in enumerate(MEASURES)},
        "chance": {"R@5": metrics.chance(gallery)["R@5"], "nDCG@10": asked.chance()},
        "alpha": tuned.chosen.alpha,
        "probe_drop": float((knew - knows).mean()),
        "probe_drop_ci": [float(end[0]) for end in lost],
        "probe_base": float(knew.mean()),
        "queries": len(tuned.test_rows),
        "groups": len(set(tuned.test_groups)),
        "gallery": gallery,
    }


@dataclass(frozen=True)
class Asked:
    """What is asked about each test work: its alt text, and a short query as a visitor types it.

    `lacking` (queries, gallery) is how much of what a short query says a work does not show.
    """

    alt_texts: Judge
    short: list[str]
    lacking: np.ndarray
    said: np.ndarray

    @classmethod
    def of(cls, collection: Corpus, tuned: Tuned) -> Asked:
        """Draw the queries; they are the same for every model."""
        scenes = [collection.scenes[row] for row in tuned.test_rows]
        drawn = [texts.short_query(s, random.Random(f"asked {s.key()}")) for s in scenes]
        shown = [texts.shown(scene) for scene in collection.scenes]
        index = AttributeIndex(shown)
        says = index.rows([text.says for text in drawn])
        lacking = says.astype(np.float32) @ (~index.rows(shown)).astype(np.float32).T
        alt_texts = Judge(collection.pixels, world_module.queries(scenes), tuned.test_rows)
        return cls(alt_texts, [text.words for text in drawn], lacking, says.sum(axis=1))

    def grades(self) -> np.ndarray:
        """Return (queries, gallery): 2 where all is shown, 1 where one of several things lacks."""
        nearly = (self.lacking == 1) & (self.said > 1)[:, None]
        return np.where(self.lacking == 0, 2, nearly.astype(int))

    def values(self, towers: Towers) -> np.ndarray:
        """Return (queries, 2): whether the work is among the first five, and nDCG@10."""
        asked = Judge(
            self.alt_texts.pixels,
            [*self.alt_texts.texts, *self.short],
            np.tile(self.alt_texts.targets, 2),
        )
        images, written = asked.vectors(towers, Ranks())
        ranked = metrics.ranks(written[: len(self.short)] @ images.T, self.alt_texts.targets)
        best = metrics.top(written[len(self.short) :] @ images.T, 10)
        return np.stack([ranked <= 5, self.ndcg(best)], axis=1).astype(float)

    def chance(self) -> float:
        """Return the nDCG@10 of a random order."""
        order = np.random.default_rng(0)
        size = self.lacking.shape[1]
        return float(self.ndcg(np.stack([order.permutation(size)[:10] for _ in self.short])).mean())

    def ndcg(self, best: np.ndarray) -> np.ndarray:
        """Return the nDCG@10 of each query for the ten works `best` (queries, 10), best first."""
        gains = 2.0 ** self.grades() - 1
        discounts = 1 / np.log2(np.arange(2, 12))
        ideal = -np.sort(-gains, axis=1)[:, :10] @ discounts
        return np.take_along_axis(gains, best, axis=1) @ discounts / ideal


def _probe(corpus: Corpus) -> Judge:
    scenes: list[Scene] = corpus.scenes
    return Judge(corpus.pixels, world_module.queries(scenes), np.arange(len(scenes)))
