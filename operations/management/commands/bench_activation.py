"""`manage.py bench_activation`: whether switching models disturbs searches."""

import json
import signal
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operations.benchmarks.search import model_switching


class Command(BaseCommand):
    help = "Switch models back and forth while visitors search, in a temporary database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--works", type=int, default=240, help="size of the sample museum")
        parser.add_argument("--seconds", type=float, default=20.0, help="of switching")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, works: int, seconds: float, **options: Any) -> None:
        # On SIGTERM the command stops its processes and drops its database.
        signal_before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with tempfile.TemporaryDirectory() as folder:
                figures = model_switching.measure(works, seconds, Path(folder))
        except RuntimeError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError("stopped by hand", returncode=130) from error
        finally:
            signal.signal(signal.SIGTERM, signal_before)
        self._print(figures, options["json"])

    def _print(self, figures: dict[str, Any], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(figures))
        else:
            for name, value in figures.items():
                self.stdout.write(f"{name:20} {value}")
        if figures["errors"] or figures["mixed_model_answers"] or figures["late_answers"]:
            raise CommandError("The switches disturbed searches")
