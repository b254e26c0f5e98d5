"""Measure fine-tuning beside a bare loop of the same model."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Needs no weights and no data: an untrained model, noise and random vectors cost the same."""

    help = "Prints what a step of phase 2 costs beside a bare loop, and how long phase 1 takes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--architecture", default="ViT-B-32", help="of open_clip")
        parser.add_argument("--batch", type=int, default=32)
        parser.add_argument("--steps", type=int, default=8, help="of each kind that are counted")
        parser.add_argument("--pairs", type=int, default=60_000, help="of phase 1; 0: leave it out")
        parser.add_argument("--threads", type=int, default=0, help="torch threads; 0: all cores")
        parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        import torch  # noqa: PLC0415 - `manage.py help` needs none

        from operations.benchmarks.training import finetuning  # noqa: PLC0415

        if options["threads"]:
            torch.set_num_threads(options["threads"])
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        cache = Path(settings.DATA_DIR) / "cache" / "finetune"
        cache.mkdir(parents=True, exist_ok=True)
        two = finetuning.phase_2(
            options["architecture"],
            device,
            batch=options["batch"],
            steps=options["steps"],
            cache=cache,
        )
        self.stdout.write(
            f"phase 2, {two['architecture']}, {two['device']} {two['precision']}, batch "
            f"{two['batch']}: {two['pairs_per_s']} pairs/s, a bare loop {two['bare_pairs_per_s']}: "
            f"{two['share']:.0%}"
        )
        facts = {"phase_2": two}
        if options["pairs"]:
            facts["phase_1"] = one = finetuning.phase_1(options["pairs"], device)
            self.stdout.write(
                f"phase 1, {one['pairs']} pairs, {one['epochs']} epochs: {one['seconds']} s, "
                f"validation MRR {one['validation_MRR'][0]} to {one['validation_MRR'][1]}"
            )
        if options["json"]:
            self.stdout.write(json.dumps(facts))
