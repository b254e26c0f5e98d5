"""`manage.py artic_replica`: a fake server with AIC's API over a records file."""

import signal
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingest.sources.artic.fake_server import CatalogError, FakeServer, Faults


def _probability(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError("give a probability from 0 to 1")
    return value


class Command(BaseCommand):
    """Answer as AIC's API does, over local files, until stopped."""

    help = "Serve a local copy of AIC's API over a records file, with faults on request."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--records", type=Path, action="append", required=True, metavar="FILE",
            help=".jsonl (one record a line) or .json (an API response); may be repeated",
        )  # fmt: skip
        parser.add_argument("--images", type=Path, metavar="DIR", help="holds {image_id}.jpg")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8010, help="0 takes any free one")
        parser.add_argument(
            "--rate-limit", type=int, default=0, metavar="N", help="API requests a minute; 0: any"
        )
        parser.add_argument("--latency", type=float, default=0, metavar="MS", help="milliseconds")
        for name, what in (
            ("500", "answers that are a 500"),
            ("drop", "connections that are dropped"),
            ("html", "answers that are a page of HTML"),
            ("forbidden", "pictures that are refused with a 403"),
        ):
            parser.add_argument(
                f"--fault-{name}", type=_probability, default=0, metavar="P",
                help=f"share of {what}, 0 to 1",
            )  # fmt: skip
        parser.add_argument("--seed", type=int, default=0, help="of the faults")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["images"] and not options["images"].is_dir():
            raise CommandError(f"--images {options['images']}: no such folder", returncode=2)
        faults = Faults(
            latency=options["latency"],
            error_500=options["fault_500"],
            drop=options["fault_drop"],
            html=options["fault_html"],
            forbidden=options["fault_forbidden"],
            seed=options["seed"],
        )
        try:
            fake_server = FakeServer(
                options["records"],
                images=options["images"],
                host=options["host"],
                port=options["port"],
                rate_limit=options["rate_limit"],
                faults=faults,
            )
        except CatalogError as error:
            raise CommandError(str(error), returncode=2) from error
        except OSError as error:
            place = f"{options['host']}:{options['port']}"
            raise CommandError(
                f"cannot listen on {place}: {error.strerror}", returncode=2
            ) from error
        self._serve(fake_server)

    def _serve(self, fake_server: FakeServer) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        self.stdout.write(
            f"{len(fake_server.catalog)} works at {fake_server.base_url} (Ctrl+C ends it)"
        )
        self.stdout.flush()
        try:
            fake_server.serve_forever()
        except KeyboardInterrupt:
            fake_server.server.server_close()
