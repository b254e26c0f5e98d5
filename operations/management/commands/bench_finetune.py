"""`manage.py bench_finetune`: fine-tuning compared with a bare loop of the same model."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import torch
from django.conf import settings
from django.core.management.base import BaseCommand

from operations.benchmarks.training import finetuning


class Command(BaseCommand):
    """Untrained models, noise and random vectors cost the same as real ones, so none are needed."""

    help = "Measure steps of phase 2 compared with a bare loop, and the duration of phase 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--architecture", default="ViT-B-32", help="an architecture of open_clip"
        )
        parser.add_argument("--batch", type=int, default=32)
        parser.add_argument("--steps", type=int, default=8, help="counted steps of each kind")
        parser.add_argument(
            "--pairs", type=int, default=60_000, help="pairs of phase 1; 0: skip it"
        )
        parser.add_argument("--threads", type=int, default=0, help="torch threads; 0: all cores")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        if options["threads"]:
            torch.set_num_threads(options["threads"])
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        cache = Path(settings.DATA_DIR) / "cache" / "finetune"
        cache.mkdir(parents=True, exist_ok=True)
        phase_2 = finetuning.phase_2(
            options["architecture"],
            device,
            batch=options["batch"],
            steps=options["steps"],
            cache=cache,
        )
        self.stdout.write(
            "phase 2, {architecture}, {device} {precision}, batch {batch}: {pairs_per_s} pairs/s, "
            "a bare loop {bare_pairs_per_s}: {share:.0%}".format(**phase_2)
        )
        facts = {"phase_2": phase_2}
        if options["pairs"]:
            facts["phase_1"] = phase_1 = finetuning.phase_1(options["pairs"], device)
            before, after = phase_1["validation_MRR"]
            self.stdout.write(
                "phase 1, {pairs} pairs, {epochs} epochs: {seconds} s".format(**phase_1)
                + f", validation MRR {before} to {after}"
            )
        if options["json"]:
            self.stdout.write(json.dumps(facts))
