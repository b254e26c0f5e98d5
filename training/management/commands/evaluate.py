"""`manage.py evaluate`: measure how well a model finds works by texts, and texts by works."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search.embeddings import known_models, registry
from search.encoders import EncoderUnavailable
from search.models import EmbeddingModel
from training.datasets import specs
from training.datasets.dataset import DatasetError
from training.evaluation import evaluate, record, report


class Command(BaseCommand):
    """Encode the gallery once, rank it for every query, and report."""

    help = "Evaluate a model over a whole gallery, compared with a base, full text and chance."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        named = "a registered name, an open_clip ARCHITECTURE/TAG, or a checkpoint folder"
        parser.add_argument("--model", help=f"{named} (default: the active model)")
        parser.add_argument("--against", help="the base (default: the model it was tuned from)")
        parser.add_argument(
            "--data",
            metavar="SPEC",
            help="artic, sample, coco:DIR, flickr30k:DIR, visual_genome:DIR, unsplash:DIR or "
            "folder:DIR (default: the data the model was tuned on, or else the museum)",
        )
        parser.add_argument(
            "--queries", type=Path, metavar="FILE", help="ask these judged queries, too"
        )
        parser.add_argument(
            "--part",
            default="test",
            choices=("test", "val", "train"),
            help="works that the queries are about",
        )
        parser.add_argument("--seed", type=int, default=0, help="seed of the split")
        parser.add_argument(
            "--most", type=int, default=2000, help="most queries of each set (%(default)s)"
        )
        parser.add_argument("--pairs", type=int, default=200, help="minimal pairs of each kind")
        parser.add_argument("--report", type=Path, metavar="DIR", help="write a report")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the figures; raise `CommandError` for a model or data that cannot be loaded."""
        try:
            model = self._model(options["model"])
            against = (
                evaluate.find_model(options["against"])
                if options["against"]
                else evaluate.default_base(model)
            )
            if against and against.name == model.name:
                raise CommandError(
                    f"{model.name} cannot be compared with itself: name another base"
                )
            evaluation = evaluate.evaluate(
                model,
                against,
                specs.load(options["data"] or evaluate.default_data(model)),
                progress=sys.stderr.isatty(),
                **{name: options[name] for name in ("queries", "part", "seed", "most", "pairs")},
            )
        except (known_models.UnknownModel, EncoderUnavailable, DatasetError) as error:
            raise CommandError(str(error)) from error
        summary = evaluation.summary()
        record.record(summary)
        if options["report"]:
            self.stderr.write(f"report: {report.write(evaluation, summary, options['report'])}")
        self._print(summary)
        if options["json"]:
            self.stdout.write(json.dumps(summary))

    def _model(self, name: str | None) -> EmbeddingModel:
        if name:
            return evaluate.find_model(name)
        active = registry.active()
        if active is None:
            raise CommandError("no model is active: name one with --model")
        return active

    def _print(self, summary: Mapping[str, Any]) -> None:
        generated = (
            ", generated: its figures say nothing about real art" if summary["is_generated"] else ""
        )
        self.stdout.write(f"{summary['data']}{generated}, part {summary['part']}")
        for each in summary["sets"]:
            self.stdout.write(
                f"\n{each['set']}, {each['direction']}: {each['queries']} queries, "
                f"{each['gallery']} to rank"
            )
            for rows in (report.table(each), report.differences(each)):
                for row in rows:
                    self.stdout.write(f"| {' | '.join(row)} |")
                    if row is rows[0]:
                        self.stdout.write(f"|{' --- |' * len(row)}")
        for model, sources in summary["probes"].items():
            for source, kinds in sources.items():
                shares = ", ".join(f"{kind} {v['mean']:.2f}" for kind, v in kinds.items())
                if shares:
                    self.stdout.write(f"\nminimal pairs, {source} (chance .50), {model}: {shares}")
