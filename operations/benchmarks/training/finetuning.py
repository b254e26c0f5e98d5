"""The cost of fine-tuning compared with a bare training loop, and the duration of phase 1."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import normalize

from operations.benchmarks import untrained_encoder
from search.encoders import get_encoder
from search.encoders.open_clip_encoder import OpenClipEncoder
from search.models import EmbeddingModel
from training import losses
from training.datasets.captions import CaptionSampler
from training.datasets.dataset import Item
from training.finetuning import phase1_heads
from training.finetuning.batches import Pairs, prefetch
from training.finetuning.checkpoints import CheckpointStore
from training.finetuning.config import Recipe
from training.finetuning.distributed import ProcessGroup
from training.finetuning.optimizer import adamw
from training.finetuning.phase2_full import FullModelPhase
from training.finetuning.progress import Progress
from training.finetuning.towers import Towers
from training.finetuning.validation import RetrievalTask

NOISE_LENGTH = 5.0  # of a text's vector, relative to the picture's
CAPTION = "A small boat with a red sail crosses a quiet bay at dusk. Two figures sit in the stern."


def phase_2(
    architecture: str, device: torch.device, *, batch: int, steps: int, cache: Path
) -> dict[str, Any]:
    """Time alternating steps of phase 2 and of a bare loop; return pairs a second of both.

    The bare loop has the same model, batch size, precision, loss and optimiser, and repeats one
    batch. Phase 2 reads pixels from the disk, draws and tokenizes texts, masks pairs, and writes
    scalars. The first step of each is not counted.
    """
    folder = cache / "untrained" / architecture
    untrained_encoder.write(folder, architecture)
    row = EmbeddingModel(name=architecture, checkpoint=str(folder), dimension=1)
    encoder = get_encoder(row)
    assert isinstance(encoder, OpenClipEncoder)  # noqa: S101 - a folder is loaded by open_clip
    towers = Towers.of(encoder, device)
    recipe = Recipe(batch=batch, micro=batch)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        phase = _phase(towers, recipe, Path(scratch), batch * (steps + 1))
        optimizer = adamw(towers.model, recipe)
        batches = prefetch(lambda n: phase.batch(n, steps + 1), 0, 2 * (steps + 1))
        fixed = phase.batch(0, steps + 1)
        pictures, tokens = towers.pictures(fixed.pixels), fixed.tokens
        seconds: dict[str, list[float]] = {"ours": [], "bare": []}
        for number in range(steps + 1):

            def ours(number: int = number) -> None:
                phase.step(next(batches), number, steps + 1, optimizer, None)

            def bare() -> None:
                _bare(towers, pictures, tokens, optimizer, recipe)

            for name, take in (("ours", ours), ("bare", bare)):
                seconds[name].append(_timed(take, device))
    medians = {name: float(np.median(values[1:])) for name, values in seconds.items()}
    return {
        "architecture": architecture,
        "device": device.type,
        "precision": "bf16" if towers.bf16 else "fp32",
        "batch": batch,
        "steps": steps,
        "pairs_per_s": round(batch / medians["ours"], 2),
        "bare_pairs_per_s": round(batch / medians["bare"], 2),
        "share": round(medians["bare"] / medians["ours"], 3),
    }


def _timed(take: Callable[[], None], device: torch.device) -> float:
    began = time.perf_counter()
    take()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began


def _phase(towers: Towers, recipe: Recipe, scratch: Path, number: int) -> FullModelPhase:
    """Return phase 2 over pictures of noise in a file."""
    pixels = np.lib.format.open_memmap(
        scratch / "pixels.npy", "w+", np.uint8, (number, *towers.preprocess.size, 3)
    )
    draw = np.random.default_rng(0)
    for row in range(number):
        pixels[row] = draw.integers(0, 256, pixels.shape[1:], np.uint8)
    items = [
        Item(str(n), open=lambda: Image.new("RGB", (8, 8)), image=str(n), captions=(CAPTION,))
        for n in range(number)
    ]
    rows = np.arange(number)
    return FullModelPhase(
        towers=towers,
        pairs=Pairs(pixels, rows, rows, CaptionSampler(items, towers.fits, 0)),
        validation=RetrievalTask(pixels, [], rows[:0]),
        recipe=recipe,
        checkpoints=CheckpointStore(scratch, "benchmark", writes=False),
        progress=Progress(lambda line: None, scratch),
        processes=ProcessGroup(),
    )


def _bare(towers: Towers, pictures: Any, tokens: Any, optimizer: Any, recipe: Recipe) -> None:
    towers.train_mode()
    optimizer.zero_grad(set_to_none=True)
    images, texts = towers.images(pictures), towers.texts(tokens)
    apart = torch.zeros(len(images), len(images), dtype=torch.bool, device=images.device)
    losses.contrastive(images, texts, towers.model.logit_scale.exp(), apart).backward()
    torch.nn.utils.clip_grad_norm_(towers.model.parameters(), recipe.clip)
    optimizer.step()


def phase_1(pairs: int, device: torch.device, dim: int = 512) -> dict[str, Any]:
    """Time all epochs of phase 1 on `pairs` cached vectors, validated on a tenth more.

    Texts are randomly mapped pictures with so much noise that there is something to learn.
    """
    recipe = replace(Recipe(), patience=Recipe().head_epochs)
    generator = torch.Generator().manual_seed(0)
    gallery = pairs + pairs // 10

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    images = normalize(noise(gallery, dim), dim=-1)
    turned = images @ (torch.eye(dim) + noise(dim, dim) / dim**0.5)
    texts = torch.stack(
        [
            normalize(turned[:pairs] + NOISE_LENGTH * noise(pairs, dim) / dim**0.5, dim=-1)
            for _ in range(recipe.head_texts)
        ],
        dim=1,
    )
    cached = phase1_heads.CachedVectors(
        images=images.to(device),
        texts=texts.to(device),
        rows=np.arange(pairs),
        groups=np.arange(pairs),
        queries=normalize(
            turned[pairs:] + NOISE_LENGTH * noise(gallery - pairs, dim) / dim**0.5
        ).to(device),
        targets=np.arange(pairs, gallery),
    )
    start = torch.nn.Parameter(torch.tensor(100.0).log().to(device))
    trained = phase1_heads.Heads(
        phase1_heads.ResidualHead(dim).to(device), phase1_heads.ResidualHead(dim).to(device), start
    )
    before, began = trained.mrr(cached), time.perf_counter()
    after = phase1_heads.train(trained, cached, recipe, Progress(lambda line: None))
    return {
        "pairs": pairs,
        "gallery": gallery,
        "dimension": dim,
        "epochs": recipe.head_epochs,
        "batch": recipe.head_batch,
        "seconds": round(time.perf_counter() - began, 1),
        "validation_MRR": [round(before, 4), round(after, 4)],
    }
