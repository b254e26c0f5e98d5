"""`manage.py evaluate_demo`: evaluate `demo-synthetic` on works that it never saw."""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search.encoders import EncoderUnavailable
from training.demo_model import corpus, evaluate, model_card
from training.management.commands.train_demo import SHIPPED


class Command(BaseCommand):
    """Render the unseen works (once), encode them and search them."""

    help = "Evaluate the sample museum's model on unseen works, compared with chance."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--gallery", type=int, default=10_000, help="unseen works to search")
        parser.add_argument("--seed", type=int, default=0, help="seed of the unseen works")
        parser.add_argument("--model", type=Path, default=SHIPPED, help="checkpoint folder")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the figures; raise `CommandError` for a model that cannot be loaded."""
        started = time.monotonic()
        try:
            encoder = evaluate.load(options["model"])
        except EncoderUnavailable as error:
            raise CommandError(str(error)) from error
        gallery = corpus.make_corpus(
            options["gallery"], options["seed"], held_out=True, progress=sys.stderr.isatty()
        )
        figures = evaluate.evaluate(encoder, gallery)
        figures["seconds_in_all"] = round(time.monotonic() - started, 1)
        self.stdout.write(model_card.table(figures))
        if options["json"]:
            self.stdout.write(json.dumps(figures))
