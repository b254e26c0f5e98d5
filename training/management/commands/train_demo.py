"""Train the sample museum's model, `demo-synthetic`."""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

SHIPPED = Path(settings.BASE_DIR) / "search" / "encoders" / "demo_synthetic"


class Command(BaseCommand):
    """Render, train, evaluate, write: one run, some 100 minutes on two cores the first time."""

    help = "Trains the sample museum's model from scratch, on generated pictures alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--scenes", type=int, default=40_000, help="pictures to train on")
        parser.add_argument("--cycles", type=int, default=2, help="rises and falls of the rate")
        parser.add_argument("--epochs", type=int, default=12, help="of each cycle")
        parser.add_argument("--minutes", type=float, default=45.0, help="end a cycle by then")
        parser.add_argument(
            "--again", action="store_true", help="start anew where cycles of an ended run are kept"
        )
        parser.add_argument("--batch", type=int, default=128)
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--gallery", type=int, default=10_000, help="unseen works to search")
        parser.add_argument("--threads", type=int, default=0, help="torch threads; 0: all cores")
        parser.add_argument(
            "--out", type=Path, default=SHIPPED, help="checkpoint folder (the shipped one)"
        )
        parser.add_argument("--json", action="store_true", help="print the facts, last line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Train, then judge what was written as a search would use it."""
        import torch  # noqa: PLC0415 - `manage.py help` needs none

        from training.demo_model import (
            checkpoints,
            config,
            model,
            model_card,
            train,
        )
        from training.demo_model import corpus as corpus_module

        if options["scenes"] < options["batch"]:
            raise CommandError(
                "--scenes must be at least one --batch: there is nothing to train on"
            )
        if options["threads"]:
            torch.set_num_threads(options["threads"])
        recipe = config.Recipe(
            **{name: options[name] for name in ("cycles", "epochs", "batch", "minutes", "seed")}
        )
        kept = corpus_module.cache_folder() / f"{checkpoints.key(recipe, options['scenes'])}.pt"
        if options["again"]:
            kept.unlink(missing_ok=True)
        watched, started = sys.stderr.isatty(), time.monotonic()
        corpus = corpus_module.corpus(
            options["scenes"], recipe.seed, held_out=False, progress=watched
        )
        gallery = corpus_module.corpus(
            options["gallery"], recipe.seed, held_out=True, progress=watched
        )
        rendered = time.monotonic() - started
        trained = train.train(corpus, recipe, self.stderr.write, kept)
        model.save(trained.model, trained.tokenizer, options["out"])
        facts = model_card.describe(options["out"], recipe, trained, gallery, rendered)
        self.stdout.write(model_card.summary(facts))
        if options["json"]:
            self.stdout.write(json.dumps(facts))
