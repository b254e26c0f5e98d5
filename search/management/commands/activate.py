"""`manage.py activate`: which model answers searches."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from search.embeddings import activation, coverage, known_models, registry
from search.encoders import EncoderUnavailableError
from search.management.commands.embed import DONE, NOTHING, PARTIAL
from search.models import Embedding


class Command(BaseCommand):
    help = "Let another model answer searches, go back to the one before, or retire one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("name", nargs="?", help="the model to let answer, embedded before")
        what.add_argument(
            "--rollback", action="store_true", help="let the model answer that did before, at once"
        )
        what.add_argument(
            "--retire", metavar="NAME", help="drop the vectors and indexes of a model out of use"
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
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        try:
            if options["retire"]:
                code, summary, said = self._retire(options["retire"])
            else:
                code, summary, said = self._switch(options)
        except (
            activation.ActivationRefusedError,
            known_models.UnknownModelError,
            EncoderUnavailableError,
        ) as error:
            self.stderr.write(f"Nothing was changed: {error}.")
            sys.exit(NOTHING)
        summary["seconds"] = round(time.perf_counter() - started, 2)
        self.stdout.write(
            json.dumps(summary) if options["json"] else f"{said} ({summary['seconds']} s)"
        )
        if code:
            sys.exit(code)

    def _switch(self, options: dict[str, Any]) -> tuple[int, dict[str, Any], str]:
        if options["rollback"]:
            done = activation.rollback()
        else:
            model = registry.get_registered(options["name"])
            if options["descriptions"]:
                activation.compare_descriptions(
                    model, registry.get_registered(options["descriptions"])
                )
            done = activation.activate(model, force=options["force"])
        summary = {
            "active": done.after.name,
            "before": done.before and done.before.name,
            "descriptions": done.after.description_model.name,
            "figure": done.figure and done.figure.as_json(),
        }
        said = f"{done.after} answers searches now{self._comparison(done)}"
        lacking = coverage.gaps(done.after).lacking
        if not lacking:
            return DONE, summary, said
        self.stderr.write(
            f"It lacks vectors of {lacking} works: run manage.py embed --model {done.after}"
        )
        return PARTIAL, {**summary, "lacking": lacking}, said

    def _comparison(self, done: activation.Switch) -> str:
        if done.before in {None, done.after}:
            return ""
        if done.figure is None:
            return f" instead of {done.before}; no figure of the two can be compared"
        return f" instead of {done.before}; its {done.figure}"

    def _retire(self, name: str) -> tuple[int, dict[str, Any], str]:
        model = registry.get_registered(name)
        total = Embedding.objects.filter(model=model).count()
        with tqdm(total=total, unit="vector", disable=None, file=self.stderr) as bar:
            vectors = activation.retire(model, bar.update)
        said = f"{name} is retired: {vectors} vectors and its indexes are dropped"
        return DONE, {"retired": name, "vectors": vectors}, said
