"""The settings of a run, apart from its base and its data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Settings of both phases; the defaults suit a CLIP of ViT-B size (see docs/training.md).

    open_clip's own defaults are for pre-training: their learning rate of 5e-4 destroys a trained
    model.
    """

    phases: tuple[int, ...] = (1, 2)
    frozen: bool = False  # phase 1 trains the towers' own new projections
    seed: int = 0

    # Phase 1: linear heads on cached vectors.
    head_epochs: int = 20
    head_batch: int = 4096
    head_rate: float = 1e-3
    head_texts: int = 4  # cached captions a picture

    # Phase 2: the model.
    epochs: int = 10
    batch: int = 256  # contrasted pairs, over all processes
    micro: int = 64  # pairs in memory at a time
    rate: float = 1e-5
    weight_decay: float = 0.1
    warmup: float = 0.07  # share of the steps
    clip: float = 1.0
    image_decay: float = 0.75  # factor of the learning rate from each layer to the one below
    text_decay: float = 0.85
    image_blocks: int = -1  # trained upper blocks of the image tower; -1: all of it
    ema: float = 0.0  # decay of the averaged weights a step; 0: no averaging

    # Both phases end when the validation MRR has not risen for this many epochs.
    patience: int = 3
    # WiSE-FT: the number of alphas from 0 to 1, and the recall that the probe may lose (a share of
    # 1) at the upper bound of its confidence interval.
    alphas: int = 11
    probe_loss: float = 0.01
