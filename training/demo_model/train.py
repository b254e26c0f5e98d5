"""Train the sample museum's model from scratch, on generated pictures and texts only."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from search.encoders.open_clip_encoder import encode_tokens
from search.encoders.tokenizers.word import WordTokenizer
from training import losses
from training.demo_model import architecture, checkpoints, texts, vocabulary
from training.demo_model.attributes import AttributeIndex
from training.demo_model.checkpoints import Cycle
from training.demo_model.config import Recipe
from training.demo_model.corpus import Corpus
from training.demo_model.cross_batch_memory import CrossBatchMemory
from training.schedule import warmup_cosine

MAX_LOGIT_SCALE = 100.0
REPORT_EVERY_STEPS = 50
# Shares of the words of a training text that are dropped, and that become <unk>.
DROPPED_SHARE, UNKNOWN_SHARE = 0.04, 0.03
MAX_SHIFT_PIXELS = 6  # shift of a training picture in each direction


@dataclass(frozen=True)
class TrainedModel:
    """The result of a run: the model, its tokenizer, and the mean loss of every 50 steps."""

    model: Any
    tokenizer: WordTokenizer
    losses: list[float]
    works: int
    steps: int
    pictures: int
    seconds: float


class Batch(NamedTuple):
    """Pictures (n, 3, size, size), and several texts for each.

    For each text of a picture there is an entry of `tokens` (n, context), of `matches` (n texts,
    n pictures) and of `text_attributes` (n, attributes). `picture_attributes` is (n, attributes).
    """

    pictures: torch.Tensor
    tokens: list[torch.Tensor]
    matches: list[torch.Tensor]
    text_attributes: list[torch.Tensor]
    picture_attributes: torch.Tensor


class Sampler:
    """Batches of pictures and freshly drawn texts."""

    def __init__(self, corpus: Corpus, tokenizer: WordTokenizer, seed: int) -> None:
        self.corpus, self.tokenizer = corpus, tokenizer
        attributes = [texts.scene_attributes(scene) for scene in corpus.scenes]
        self.index = AttributeIndex(attributes)
        self.picture_attributes = self.index.rows(attributes)
        self.rng = random.Random(seed)
        self.noise = np.random.default_rng(seed)

    def epoch(self, size: int) -> Iterator[Batch]:
        """Yield batches of `size` in a new random order."""
        order = self.noise.permutation(len(self.corpus.scenes))
        for start in range(0, len(order) - size + 1, size):
            # Sorted rows are read from the disk in one direction.
            yield self.batch(np.sort(order[start : start + size]))

    def batch(self, rows: np.ndarray) -> Batch:
        """Return the pictures of `rows` with one text of each kind."""
        tokens, matches, text_attributes = [], [], []
        picture_attributes = torch.from_numpy(self.picture_attributes[rows])
        for draw in texts.DRAWS:
            drawn = [draw(self.corpus.scenes[row], self.rng) for row in rows]
            tokens.append(self.tokens([text.words for text in drawn]))
            named = torch.from_numpy(self.index.rows([text.attributes for text in drawn]))
            text_attributes.append(named)
            matches.append(
                losses.matching(named, picture_attributes) | losses.equal_rows(tokens[-1])
            )
        pictures = self._shifted(architecture.to_input(self.corpus.pixels[rows]))
        return Batch(pictures, tokens, matches, text_attributes, picture_attributes)

    def tokens(self, words: list[str]) -> torch.Tensor:
        """Return (n, context) ids; some words are dropped, some become `<unk>`.

        A visitor's query often has unknown words, which the model must learn to skip.
        """
        ids = self.tokenizer(words)
        inner = (ids > 1) & (ids < self.tokenizer.vocab_size - 1)
        chance = self.noise.random(ids.shape)
        ids[inner & (chance < UNKNOWN_SHARE)] = self.tokenizer.unknown_id
        is_kept = ~(inner & (chance > 1 - DROPPED_SHARE))
        for row, keep in zip(ids, is_kept, strict=True):
            row[:] = np.concatenate([row[keep], row[~keep] * 0])
        return torch.from_numpy(ids)

    def _shifted(self, pictures: torch.Tensor) -> torch.Tensor:
        """Shift the whole batch a little and repeat the edge, so that positions are not learned."""
        down, right = self.noise.integers(0, 2 * MAX_SHIFT_PIXELS + 1, 2)
        size = pictures.shape[-1]
        padded = torch.nn.functional.pad(pictures, (MAX_SHIFT_PIXELS,) * 4, mode="replicate")
        shifted = padded[..., down : down + size, right : right + size]
        return shifted.contiguous(memory_format=torch.channels_last)


def train(
    corpus: Corpus,
    recipe: Recipe,
    report: Callable[[str], None] = lambda line: None,
    checkpoint: Path | None = None,
    words: Sequence[str] | None = None,
) -> TrainedModel:
    """Train for the recipe's cycles; `report` receives lines of progress.

    The vocabulary is `words`, by default the frequent words of the training texts. Each finished
    cycle is written to `checkpoint`, and an interrupted run resumes after the last one.
    """
    torch.manual_seed(recipe.seed)
    words = words or vocabulary.collect(
        corpus.scenes, recipe.seed, draws=max(50_000, len(corpus.scenes)), at_least=8
    )
    tokenizer = WordTokenizer(words, architecture.CONTEXT_LENGTH)
    model = architecture.create(tokenizer.vocab_size).train()
    model.to(memory_format=torch.channels_last)  # a third faster on a CPU
    done = checkpoints.load(checkpoint, model)
    for number in range(len(done), recipe.cycles):
        report(f"cycle {number + 1} of {recipe.cycles}")
        sampler = Sampler(corpus, tokenizer, recipe.seed + number)
        memory = CrossBatchMemory(recipe.memory) if number else None
        done.append(_cycle(model, sampler, recipe, memory, report))
        checkpoints.save(checkpoint, model, done)
    steps = sum(cycle.steps for cycle in done)
    return TrainedModel(
        model=model.eval(),
        tokenizer=tokenizer,
        losses=[loss for cycle in done for loss in cycle.losses],
        works=len(corpus.scenes),
        steps=steps,
        pictures=steps * recipe.batch,
        seconds=sum(cycle.seconds for cycle in done),
    )


def _cycle(
    model: Any,
    sampler: Sampler,
    recipe: Recipe,
    memory: CrossBatchMemory | None,
    report: Callable[[str], None],
) -> Cycle:
    """Train for the epochs of one cycle, or as far as its minutes go.

    The schedule follows the steps or the clock, whichever is further, so it always ends low.
    """
    optimizer = _optimizer(model, recipe)
    total = recipe.epochs * (len(sampler.corpus.scenes) // recipe.batch)
    started, step, recent, history = time.monotonic(), 0, [], []
    for batch in (b for _ in range(recipe.epochs) for b in sampler.epoch(recipe.batch)):
        elapsed = time.monotonic() - started
        progress = max(step / total, elapsed / (60 * recipe.minutes))
        if progress >= 1:
            break
        rate = warmup_cosine(max(progress, 1 / total), peak=recipe.peak)
        recent.append(_step(model, optimizer, batch, rate, memory))
        step += 1
        if step % REPORT_EVERY_STEPS == 0:
            history.append(float(np.mean(recent)))
            recent.clear()
            speed = step * recipe.batch / elapsed if elapsed else 0
            report(f"step {step}/{total}  loss {history[-1]:.3f}  {speed:.0f} pictures/s")
    history.extend([float(np.mean(recent))] if recent else [])
    return Cycle(history, step, time.monotonic() - started)


def _optimizer(model: torch.nn.Module, recipe: Recipe) -> torch.optim.AdamW:
    """Return AdamW without weight decay of norms, biases, embeddings and the logit scale."""
    decayed = [p for name, p in model.named_parameters() if p.ndim >= 2 and "embedding" not in name]
    others = [p for name, p in model.named_parameters() if p.ndim < 2 or "embedding" in name]
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.peak, betas=(0.9, 0.98), eps=1e-6)


def _encode_by_length(model: Any, tokens: torch.Tensor, parts: int = 4) -> torch.Tensor:
    """Encode short and long texts separately, so that short ones have less padding."""
    order = tokens.argmax(dim=-1).argsort()
    encoded = torch.cat([encode_tokens(model, tokens[rows]) for rows in order.chunk(parts)])
    return encoded[order.argsort()]


def _ranking_loss(
    images: torch.Tensor,
    parts: Sequence[torch.Tensor],
    batch: Batch,
    scale: torch.Tensor,
    memory: CrossBatchMemory,
) -> torch.Tensor:
    """Return the loss of ranking this batch and the remembered pictures by the short queries."""
    gallery, attributes = memory.with_batch(images, batch.picture_attributes)
    queries = [
        losses.ranking(gallery, part, scale, losses.matching(named, attributes))
        for draw, part, named in zip(texts.DRAWS, parts, batch.text_attributes, strict=True)
        if draw is texts.short_query
    ]
    memory.add(images, batch.picture_attributes)
    return torch.stack(queries).mean()


def _step(
    model: Any,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    rate: float,
    memory: CrossBatchMemory | None,
) -> float:
    """Take one step; return the contrastive loss, plus the ranking loss if there is a memory."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    normalize = torch.nn.functional.normalize
    # For 50 positions the CPU's "flash" attention is a third slower than plain attention.
    with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        images = normalize(model.encode_image(batch.pictures).float(), dim=-1)
        text_vectors = _encode_by_length(model, torch.cat(batch.tokens))
    text_vectors = normalize(text_vectors.float(), dim=-1)
    scale = model.logit_scale.exp()
    parts = text_vectors.chunk(len(batch.tokens))
    pairs = zip(parts, batch.matches, strict=True)
    loss = torch.stack(
        [losses.contrastive(images, part, scale, matches) for part, matches in pairs]
    ).mean()
    if memory is not None:
        loss = loss + _ranking_loss(images, parts, batch, scale, memory)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    with torch.no_grad():
        model.logit_scale.clamp_(max=float(np.log(MAX_LOGIT_SCALE)))
    return float(loss.detach())
