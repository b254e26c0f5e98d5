"""`manage.py caption`: write captions for works without a description."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search import encoders
from search.embeddings import known_models
from training.captioning import coca, write
from training.evaluation.evaluate import find_model

EXIT_PARTIAL = 1


class Command(BaseCommand):
    """Each caption becomes a text that is marked as generated, for a curator to approve."""

    help = "Write captions with CoCa for works without a description, for curators to approve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--model", metavar="NAME", help="a CoCa: ARCHITECTURE/TAG of open_clip, or a folder"
        )
        parser.add_argument("--limit", type=int, help="write at most this many")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the missing captions; works that already have one are skipped."""
        started = time.monotonic()
        try:
            model = find_model(options["model"] or coca.DEFAULT)
            captioner = coca.Captioner(encoders.get_encoder(model))
        except (known_models.UnknownModel, encoders.EncoderUnavailable) as error:
            raise CommandError(f"nothing was written: {error}") from error
        outcome = write.write(captioner, options["limit"], progress=sys.stderr.isatty())
        for message in outcome.failed[:10]:
            self.stderr.write(message)
        if options["json"]:
            counts = {
                "written": outcome.written,
                "failed": len(outcome.failed),
                "model": model.name,
            }
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write(
                f"{model.name}: {outcome.written} captions written, {len(outcome.failed)} failed "
                f"in {time.monotonic() - started:.1f} s. They await review in the admin."
            )
        if outcome.failed:
            sys.exit(EXIT_PARTIAL)
