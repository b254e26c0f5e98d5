"""`manage.py bench_search`: searches over a made-up collection, with lower bounds."""

import json
import os
import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from museum.core.database import temporary
from operations.benchmarks import collection
from operations.benchmarks.search import database, in_process, over_http
from operations.benchmarks.search.database import DATABASE


class Command(BaseCommand):
    help = "Measure searches over a made-up collection in a temporary database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--n", type=int, default=131_000, help="works to make")
        parser.add_argument("--queries", type=int, default=100, help="searches to time")
        parser.add_argument(
            "--seconds",
            type=float,
            default=over_http.MEASUREMENT_SECONDS,
            help="of each measurement over HTTP",
        )
        parser.add_argument(
            "--model",
            type=Path,
            metavar="DIR",
            help=f"checkpoint to encode with (default: an untrained {over_http.ARCHITECTURE})",
        )
        parser.add_argument("--keep", action="store_true", help="keep the database for another run")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        model, dimension = options["model"], collection.DIMENSION
        if model is not None:
            config = json.loads((model / "open_clip_config.json").read_text())
            dimension = config["model_cfg"]["embed_dim"]
        # On SIGTERM the command stops its processes and drops its database.
        signal_before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with temporary.own_database(DATABASE, keep=options["keep"]):
                made = database.collection(options["n"], dimension)
                result = in_process.measure(made, options["queries"])
                result |= over_http.measure(made, model, options["seconds"])
        except RuntimeError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError("stopped by hand", returncode=130) from error
        finally:
            signal.signal(signal.SIGTERM, signal_before)
        # Times only mean something together with the machine's other load.
        result["load"] = round(os.getloadavg()[0], 2)
        if options["json"]:
            self.stdout.write(json.dumps(result))
            return
        for name, value in result.items():
            self.stdout.write(f"{name:20} {value}")
