"""Write captions for works that nobody has described."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

PARTIAL = 1


class Command(BaseCommand):
    """Each caption is a text of its own, marked as generated, for a curator to approve."""

    help = "Writes captions with CoCa for works without a description, for curators to approve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--model", metavar="NAME", help="a CoCa: ARCHITECTURE/TAG of open_clip, or a folder"
        )
        parser.add_argument("--limit", type=int, help="write so many at most")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what is missing; works that have a caption already are passed over."""
        from search import encoders  # noqa: PLC0415
        from search.embeddings import known_models  # noqa: PLC0415 - torch, only when needed
        from training.captioning import coca, write  # noqa: PLC0415
        from training.evaluation import evaluate  # noqa: PLC0415

        started = time.monotonic()
        try:
            model = evaluate.find(options["model"] or coca.DEFAULT)
            captioner = coca.Captioner(encoders.get_encoder(model))
        except (known_models.UnknownModelError, encoders.EncoderUnavailableError) as error:
            raise CommandError(f"nothing was written: {error}") from error
        done = write.write(captioner, options["limit"], progress=sys.stderr.isatty())
        for message in done.failed[:10]:
            self.stderr.write(message)
        if options["json"]:
            counts = {"written": done.written, "failed": len(done.failed), "model": model.name}
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write(
                f"{model.name}: {done.written} captions written, {len(done.failed)} failed in "
                f"{time.monotonic() - started:.1f} s; they wait for a curator in the admin"
            )
        if done.failed:
            sys.exit(PARTIAL)
