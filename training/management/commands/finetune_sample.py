"""`manage.py finetune_sample`: fine-tuning on generated pictures, from an untrained model on."""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import torch
from django.conf import settings
from django.core.management.base import BaseCommand

from training.sample_experiment import report, run

REPORT = Path(settings.BASE_DIR) / "docs" / "finetune"


class Command(BaseCommand):
    """Render, train a base, fine-tune it and evaluate both: about 20 minutes on two cores."""

    help = "Train a base on some of the generator's subjects, and fine-tune it on the rest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--base-works", type=int, default=12_000, help="works that the base sees"
        )
        parser.add_argument("--base-epochs", type=int, default=3)
        parser.add_argument(
            "--works", type=int, default=3_000, help="works in the museum's collection"
        )
        parser.add_argument("--probe", type=int, default=3_000, help="works of each of two probes")
        parser.add_argument("--epochs", type=int, help="most epochs of phase 2")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--threads", type=int, default=2, help="torch threads")
        parser.add_argument(
            "--base", type=Path, help="checkpoint of an earlier base, to skip its training"
        )
        parser.add_argument("--report", type=Path, default=REPORT, help="folder of the report")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the experiment; the last line is the result as JSON."""
        torch.set_num_threads(options["threads"])
        sizes = run.Sizes(
            base=options["base_works"],
            base_epochs=options["base_epochs"],
            collection=options["works"],
            probe=options["probe"],
            seed=options["seed"],
        )
        folder = Path(settings.DATA_DIR) / "models" / "sample-trial"
        log, started = self.stderr.write, time.monotonic()
        corpora = run.Corpora.of(sizes, progress=sys.stderr.isatty())
        clock = {"rendering": time.monotonic() - started}
        if options["base"]:
            base = run.load(options["base"])
        else:
            base = run.train_base(corpora, sizes, folder / "base", log)
        clock["base"] = time.monotonic() - started - clock["rendering"]
        recipe = run.recipe(options["epochs"], sizes.seed)
        tuned, figures = run.run(corpora, base, recipe, folder / "tuned", log)
        clock["all"] = time.monotonic() - started
        report.write(
            options["report"],
            report.Result(sizes, recipe, corpora, base, tuned, figures, clock),
        )
        self.stdout.write(json.dumps(report.line(figures, clock["all"])))
