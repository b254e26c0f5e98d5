"""Try fine-tuning on generated pictures, from an untrained model to a judged one."""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

REPORT = Path(settings.BASE_DIR) / "docs" / "finetune"


class Command(BaseCommand):
    """Render, train a base, fine-tune it, judge both: some 20 minutes on two cores."""

    help = "Trains a base on a part of the generator's world, and fine-tunes it on the rest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--base-works", type=int, default=12_000, help="that the base sees")
        parser.add_argument("--base-epochs", type=int, default=3)
        parser.add_argument("--works", type=int, default=3_000, help="in the museum's collection")
        parser.add_argument("--probe", type=int, default=3_000, help="works of each of two probes")
        parser.add_argument("--epochs", type=int, help="of phase 2 at most")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--threads", type=int, default=2, help="torch threads")
        parser.add_argument("--base", type=Path, help="of an earlier run, not trained again")
        parser.add_argument("--report", type=Path, default=REPORT, help="folder of the report")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; the last line is the result as JSON."""
        import torch  # noqa: PLC0415 - `manage.py help` needs none

        from training.sample_experiment import (
            report,
            run,
        )

        torch.set_num_threads(options["threads"])
        sizes = run.Sizes(
            base=options["base_works"],
            base_epochs=options["base_epochs"],
            collection=options["works"],
            probe=options["probe"],
            seed=options["seed"],
        )
        folder = Path(settings.DATA_DIR) / "models" / "sample-trial"
        say, started = self.stderr.write, time.monotonic()
        world = run.World.of(sizes, progress=sys.stderr.isatty())
        clock = {"rendering": time.monotonic() - started}
        if options["base"]:
            base = run.load(options["base"])
        else:
            base = run.train_base(world, sizes, folder / "base", say)
        clock["base"] = time.monotonic() - started - clock["rendering"]
        recipe = run.recipe(options["epochs"], sizes.seed)
        tuned, found = run.run(world, base, recipe, folder / "tuned", say)
        clock["all"] = time.monotonic() - started
        report.write(
            options["report"],
            report.Result(sizes, recipe, world, base, tuned, found, clock),
        )
        self.stdout.write(json.dumps(report.line(found, clock["all"])))
