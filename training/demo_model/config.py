"""TODO: training.demo_model.model.config."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """All that decides a run beside its pictures.

    Training goes in cycles, each with a learning rate that rises and falls. From the second one on
    the pictures' vectors hold still enough to be remembered, and short queries also learn to rank
    the pictures of the last batches (cross-batch memory, Wang et al. 2020).
    """

    cycles: int = 2
    epochs: int = 12  # of each cycle
    batch: int = 128
    peak: float = 1e-3
    weight_decay: float = 0.1
    memory: int = 4096  # pictures
    minutes: float = 45.0  # each cycle ends here at the latest
    seed: int = 0
