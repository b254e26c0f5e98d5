"""Settings of a training run of `demo-synthetic`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """The settings of a run, apart from its pictures.

    Training consists of cycles, in each of which the learning rate rises and falls. From the second
    cycle on, the pictures' vectors change slowly enough to be remembered, and short queries also
    learn to rank the pictures of the last batches (cross-batch memory, Wang et al. 2020).
    """

    cycles: int = 2
    epochs: int = 12  # of each cycle
    batch: int = 128
    peak: float = 1e-3
    weight_decay: float = 0.1
    memory: int = 4096  # pictures
    minutes: float = 45.0  # each cycle ends here at the latest
    seed: int = 0
