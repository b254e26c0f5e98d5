"""`manage.py activate`: switch the active model, roll back, or retire a model."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from search.embeddings import activation, coverage, known_models, registry
from search.encoders import EncoderUnavailableError
from search.management.commands.embed import EXIT_DONE, EXIT_NOTHING, EXIT_PARTIAL
from search.models import Embedding


class Command(BaseCommand):
    help = "Activate another model, return to the previous one, or retire one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("name", nargs="?", help="the model to activate; it must have its vectors")
        what.add_argument(
            "--rollback", action="store_true", help="reactivate the previous model at once"
        )
        what.add_argument(
            "--retire", metavar="NAME", help="delete the vectors and indexes of an unused model"
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="activate even if it scores lower or leaves works out",
        )
        parser.add_argument(
            "--descriptions",
            metavar="NAME",
            help="the model that compares descriptions beside it, as all-minilm-l6-v2; its own "
            "name: itself (default: as it was)",
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        try:
            if options["retire"]:
                code, summary, message = self._retire(options["retire"])
            else:
                code, summary, message = self._switch(options)
        except (
            activation.ActivationRefusedError,
            known_models.UnknownModelError,
            EncoderUnavailableError,
        ) as error:
            self.stderr.write(f"Nothing was changed: {error}.")
            sys.exit(EXIT_NOTHING)
        summary["seconds"] = round(time.perf_counter() - started, 2)
        self.stdout.write(
            json.dumps(summary) if options["json"] else f"{message} ({summary['seconds']} s)"
        )
        if code:
            sys.exit(code)

    def _switch(self, options: dict[str, Any]) -> tuple[int, dict[str, Any], str]:
        if options["rollback"]:
            switch = activation.rollback()
        else:
            model = registry.get_registered(options["name"])
            if options["descriptions"]:
                activation.compare_descriptions(
                    model, registry.get_registered(options["descriptions"])
                )
            switch = activation.activate(model, force=options["force"])
        summary = {
            "active": switch.after.name,
            "before": switch.before and switch.before.name,
            "descriptions": switch.after.description_model.name,
            "figure": switch.figure and switch.figure.as_json(),
        }
        message = f"{switch.after} answers searches now{self._comparison(switch)}"
        lacking = coverage.gaps(switch.after).lacking
        if not lacking:
            return EXIT_DONE, summary, message
        self.stderr.write(
            f"It lacks vectors of {lacking} works: run manage.py embed --model {switch.after}"
        )
        return EXIT_PARTIAL, {**summary, "lacking": lacking}, message

    def _comparison(self, switch: activation.Switch) -> str:
        if switch.before in {None, switch.after}:
            return ""
        if switch.figure is None:
            return f" instead of {switch.before}; no figure of the two can be compared"
        return f" instead of {switch.before}; its {switch.figure}"

    def _retire(self, name: str) -> tuple[int, dict[str, Any], str]:
        model = registry.get_registered(name)
        total = Embedding.objects.filter(model=model).count()
        with tqdm(total=total, unit="vector", disable=None, file=self.stderr) as bar:
            vectors = activation.retire(model, bar.update)
        message = f"{name} is retired: {vectors} vectors and its indexes are dropped"
        return EXIT_DONE, {"retired": name, "vectors": vectors}, message
