"""A tiny run for `torchrun`: prints the validation MRR and a hash of the weights it ends with."""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import django
import torch

django.setup()

from training.finetuning.distributed import joined  # noqa: E402 - needs Django's settings
from training.finetuning.run import finetune  # noqa: E402
from training.finetuning.tests.test_finetune import (  # noqa: E402
    RECIPE,
    start,
)
from training.tests import tiny  # noqa: E402


def main() -> None:
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    base = tiny.encoder(folder / "tiny")
    with joined() as (processes, _):
        run = start(base, folder / sys.argv[2], replace(RECIPE, micro=4), processes=processes)
        tuned = finetune(run)
        state = tuned.towers.state()
        digest = hashlib.sha256(b"".join(t.numpy().tobytes() for t in state.values())).hexdigest()
        torch.save(state, folder / f"{sys.argv[2]}-{processes.rank}.pt")
        # One write: those of two processes would mix.
        sys.stdout.write(
            f"{processes.rank} {processes.world_size} {digest} {len(tuned.test_rows)}\n"
        )


if __name__ == "__main__":
    main()
