"""`manage.py train_demo`: train the sample museum's model, `demo-synthetic`."""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import torch
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from training.demo_model import architecture, checkpoints, config, corpus, model_card, train

SHIPPED = Path(settings.BASE_DIR) / "search" / "encoders" / "demo_synthetic"


class Command(BaseCommand):
    """Render, train, evaluate and write: about 100 minutes on two cores the first time."""

    help = "Train the sample museum's model from scratch, on generated pictures only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--scenes", type=int, default=40_000, help="pictures to train on")
        parser.add_argument("--cycles", type=int, default=2, help="cycles of the learning rate")
        parser.add_argument("--epochs", type=int, default=12, help="epochs of each cycle")
        parser.add_argument(
            "--minutes", type=float, default=45.0, help="most minutes of each cycle"
        )
        parser.add_argument(
            "--again",
            action="store_true",
            help="start over even if an interrupted run left finished cycles",
        )
        parser.add_argument("--batch", type=int, default=128)
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--gallery", type=int, default=10_000, help="unseen works to search")
        parser.add_argument("--threads", type=int, default=0, help="torch threads; 0: all cores")
        parser.add_argument(
            "--out", type=Path, default=SHIPPED, help="checkpoint folder (the shipped one)"
        )
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Train, then evaluate the written checkpoint as search would use it."""
        if options["scenes"] < options["batch"]:
            raise CommandError(
                "--scenes must be at least one --batch, or there is nothing to train on"
            )
        if options["threads"]:
            torch.set_num_threads(options["threads"])
        recipe = config.Recipe(
            **{name: options[name] for name in ("cycles", "epochs", "batch", "minutes", "seed")}
        )
        checkpoint = corpus.cache_folder() / f"{checkpoints.key(recipe, options['scenes'])}.pt"
        if options["again"]:
            checkpoint.unlink(missing_ok=True)
        progress, started = sys.stderr.isatty(), time.monotonic()
        training_corpus = corpus.make_corpus(
            options["scenes"], recipe.seed, held_out=False, progress=progress
        )
        gallery = corpus.make_corpus(
            options["gallery"], recipe.seed, held_out=True, progress=progress
        )
        rendering_seconds = time.monotonic() - started
        trained = train.train(training_corpus, recipe, self.stderr.write, checkpoint)
        architecture.save(trained.model, trained.tokenizer, options["out"])
        facts = model_card.describe(options["out"], recipe, trained, gallery, rendering_seconds)
        self.stdout.write(model_card.summary(facts))
        if options["json"]:
            self.stdout.write(json.dumps(facts))
