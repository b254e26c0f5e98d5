"""Train the sample museum's model from scratch, on pictures and texts of its generator alone."""

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
from training.demo_model import checkpoints, texts, vocabulary
from training.demo_model import model as model_module
from training.demo_model.attributes import AttributeIndex
from training.demo_model.checkpoints import Cycle
from training.demo_model.config import Recipe
from training.demo_model.corpus import Corpus
from training.demo_model.cross_batch_memory import Memory
from training.schedule import warmup_cosine

MAX_LOGIT_SCALE = 100.0
REPORT_EVERY = 50
# Shares of the words of a training text that are forgotten, and that become <unk>.
DROPPED, UNKNOWN_SHARE = 0.04, 0.03
SHIFT = 6  # pixels that a training picture may move in each direction


@dataclass(frozen=True)
class Trained:
    """What a run gives: the model, its tokenizer, and the mean loss of every 50 steps."""

    model: Any
    tokenizer: WordTokenizer
    losses: list[float]
    works: int
    steps: int
    pictures: int
    seconds: float


class Batch(NamedTuple):
    """Pictures (n, 3, size, size) and, for each of several texts a picture, its rows.

    `tokens` are (n, context) each, `matches` (n texts, n pictures) each, `says` (n, attributes)
    each; `shows` (n, attributes) is what the pictures show.
    """

    pictures: torch.Tensor
    tokens: list[torch.Tensor]
    matches: list[torch.Tensor]
    says: list[torch.Tensor]
    shows: torch.Tensor


class Sampler:
    """Batches of pictures and freshly drawn texts."""

    def __init__(self, corpus: Corpus, tokenizer: WordTokenizer, seed: int) -> None:
        self.corpus, self.tokenizer = corpus, tokenizer
        shown = [texts.shown(scene) for scene in corpus.scenes]
        self.index = AttributeIndex(shown)
        self.shows = self.index.rows(shown)
        self.rng = random.Random(seed)
        self.noise = np.random.default_rng(seed)

    def epoch(self, size: int) -> Iterator[Batch]:
        """Yield batches of `size` in a new random order."""
        order = self.noise.permutation(len(self.corpus.scenes))
        for start in range(0, len(order) - size + 1, size):
            # Sorted, the rows are read from the disk in one direction.
            yield self.batch(np.sort(order[start : start + size]))

    def batch(self, rows: np.ndarray) -> Batch:
        """Return the pictures of `rows` with one text of each kind."""
        tokens, matches, said = [], [], []
        shows = torch.from_numpy(self.shows[rows])
        for draw in texts.DRAWS:
            drawn = [draw(self.corpus.scenes[row], self.rng) for row in rows]
            tokens.append(self.tokens([text.words for text in drawn]))
            says = torch.from_numpy(self.index.rows([text.says for text in drawn]))
            said.append(says)
            matches.append(losses.matching(says, shows) | losses.equal_rows(tokens[-1]))
        pictures = self._moved(model_module.to_input(self.corpus.pixels[rows]))
        return Batch(pictures, tokens, matches, said, shows)

    def tokens(self, words: list[str]) -> torch.Tensor:
        """Return (n, context) ids; some words are dropped, some become `<unk>`.

        A visitor's query always has words that no caption has: the model must read on.
        """
        ids = self.tokenizer(words)
        inner = (ids > 1) & (ids < self.tokenizer.vocab_size - 1)
        chance = self.noise.random(ids.shape)
        ids[inner & (chance < UNKNOWN_SHARE)] = self.tokenizer.unknown_id
        kept = ~(inner & (chance > 1 - DROPPED))
        for row, keep in zip(ids, kept, strict=True):
            row[:] = np.concatenate([row[keep], row[~keep] * 0])
        return torch.from_numpy(ids)

    def _moved(self, pictures: torch.Tensor) -> torch.Tensor:
        """Shift the whole batch a little and repeat the edge, so that no place is learned."""
        down, right = self.noise.integers(0, 2 * SHIFT + 1, 2)
        size = pictures.shape[-1]
        padded = torch.nn.functional.pad(pictures, (SHIFT,) * 4, mode="replicate")
        moved = padded[..., down : down + size, right : right + size]
        return moved.contiguous(memory_format=torch.channels_last)


def train(
    corpus: Corpus,
    recipe: Recipe,
    report: Callable[[str], None] = lambda line: None,
    kept: Path | None = None,
    words: Sequence[str] | None = None,
) -> Trained:
    """Train for the recipe's cycles; `report` gets a line at times.

    The model knows `words`, by default those of its own texts that are frequent.

    With `kept`, each finished cycle is written there, and a run that was ended early goes on after
    the last one.
    """
    torch.manual_seed(recipe.seed)
    words = words or vocabulary.collect(
        corpus.scenes, recipe.seed, draws=max(50_000, len(corpus.scenes)), at_least=8
    )
    tokenizer = WordTokenizer(words, model_module.CONTEXT)
    model = model_module.create(tokenizer.vocab_size).train()
    model.to(memory_format=torch.channels_last)  # a third faster on a CPU
    done = checkpoints.load(kept, model)
    for number in range(len(done), recipe.cycles):
        report(f"cycle {number + 1} of {recipe.cycles}")
        sampler = Sampler(corpus, tokenizer, recipe.seed + number)
        memory = Memory(recipe.memory) if number else None
        done.append(_cycle(model, sampler, recipe, memory, report))
        checkpoints.save(kept, model, done)
    steps = sum(cycle.steps for cycle in done)
    return Trained(
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
    memory: Memory | None,
    report: Callable[[str], None],
) -> Cycle:
    """Train for the epochs of one cycle, or as far as its minutes go.

    The schedule follows the steps or the clock, whichever is further, and so always ends low.
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
        if step % REPORT_EVERY == 0:
            history.append(float(np.mean(recent)))
            recent.clear()
            speed = step * recipe.batch / elapsed if elapsed else 0
            report(f"step {step}/{total}  loss {history[-1]:.3f}  {speed:.0f} pictures/s")
    history.extend([float(np.mean(recent))] if recent else [])
    return Cycle(history, step, time.monotonic() - started)


def _optimizer(model: torch.nn.Module, recipe: Recipe) -> torch.optim.AdamW:
    """AdamW; norms, biases, positions and the logit scale are not decayed."""
    decayed = [p for name, p in model.named_parameters() if p.ndim >= 2 and "embedding" not in name]
    others = [p for name, p in model.named_parameters() if p.ndim < 2 or "embedding" in name]
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.peak, betas=(0.9, 0.98), eps=1e-6)


def _encode_by_length(model: Any, tokens: torch.Tensor, parts: int = 4) -> torch.Tensor:
    """Encode short and long texts apart, so that the short ones are not padded to the longest."""
    order = tokens.argmax(dim=-1).argsort()
    encoded = torch.cat([encode_tokens(model, tokens[rows]) for rows in order.chunk(parts)])
    return encoded[order.argsort()]


def _ranking(
    images: torch.Tensor,
    parts: Sequence[torch.Tensor],
    batch: Batch,
    scale: torch.Tensor,
    memory: Memory,
) -> torch.Tensor:
    """Return how badly the short queries rank this batch and the remembered pictures."""
    gallery, shows = memory.with_batch(images, batch.shows)
    queries = [
        losses.ranking(gallery, part, scale, losses.matching(says, shows))
        for draw, part, says in zip(texts.DRAWS, parts, batch.says, strict=True)
        if draw is texts.short_query
    ]
    memory.add(images, batch.shows)
    return torch.stack(queries).mean()


def _step(
    model: Any,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    rate: float,
    memory: Memory | None,
) -> float:
    """Take one step; return the contrastive loss, with that of ranking where there is a memory."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    normalize = torch.nn.functional.normalize
    # For 50 positions the "flash" attention of the CPU is slower by a third than the plain one.
    with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        images = normalize(model.encode_image(batch.pictures).float(), dim=-1)
        written = _encode_by_length(model, torch.cat(batch.tokens))
    written = normalize(written.float(), dim=-1)
    scale = model.logit_scale.exp()
    parts = written.chunk(len(batch.tokens))
    pairs = zip(parts, batch.matches, strict=True)
    loss = torch.stack(
        [losses.contrastive(images, part, scale, matches) for part, matches in pairs]
    ).mean()
    if memory is not None:
        loss = loss + _ranking(images, parts, batch, scale, memory)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    with torch.no_grad():
        model.logit_scale.clamp_(max=float(np.log(MAX_LOGIT_SCALE)))
    return float(loss.detach())
