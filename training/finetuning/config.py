"""All that decides a run beside its base and its data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Defaults fit a CLIP of ViT-B size (`docs/training.md` says why).

    Never open_clip's own defaults: they are for pre-training, and their learning rate of 5e-4
    destroys a trained model.
    """

    phases: tuple[int, ...] = (1, 2)
    frozen: bool = False  # phase 1 trains the towers' own, new projections
    seed: int = 0

    # Phase 1: linear heads on cached vectors.
    head_epochs: int = 20
    head_batch: int = 4096
    head_rate: float = 1e-3
    head_texts: int = 4  # captions a picture that are cached

    # Phase 2: the model.
    epochs: int = 10
    batch: int = 256  # pairs that are contrasted, over all processes
    micro: int = 64  # pairs in memory at a time
    rate: float = 1e-5
    weight_decay: float = 0.1
    warmup: float = 0.07  # share of the steps
    clip: float = 1.0
    image_decay: float = 0.75  # of the learning rate, from each layer to the one below
    text_decay: float = 0.85
    image_blocks: int = -1  # upper blocks of the image tower that learn; -1: all of it
    ema: float = 0.0  # decay of averaged weights a step; 0: none

    # Both phases end when the validation MRR has not risen for so many epochs.
    patience: int = 3
    # WiSE-FT: how many alpha from 0 to 1, and what the probe may lose (a share of 1), even at the
    # upper end of what its loss may be.
    alphas: int = 11
    probe_loss: float = 0.01
