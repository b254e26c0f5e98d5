"""`manage.py evaluate_search`: measure searches on judged queries over real records."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from museum.core.database import temporary
from search.embeddings import known_models
from search.encoders import EncoderUnavailable
from training.search_quality import baseline, evaluate, judged_queries
from training.search_quality.judged_queries import MEASURES

EVALUATION_DATABASE = "ekphrasis_evaluation"
TEST_QUERIES = Path(judged_queries.__file__).parent / "queries" / "artic-test.jsonl"


class Command(BaseCommand):
    """Load records into a temporary database, embed them, search and report."""

    help = "Evaluate each search channel and the fusion on judged queries over real records."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--records",
            type=Path,
            nargs="+",
            required=True,
            help="AIC records: JSON Lines, or a listing of the API",
        )
        parser.add_argument("--queries", type=Path, default=TEST_QUERIES, help="judged queries")
        parser.add_argument(
            "--model", default=known_models.SENTENCE_ENCODER.name, help="as in manage.py embed"
        )
        parser.add_argument(
            "--gallery",
            type=int,
            nargs="*",
            default=[500],
            help="sizes of smaller galleries to search, too",
        )
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the figures; raise `CommandError` for a model that cannot be loaded."""
        queries = judged_queries.read(options["queries"])
        results = []
        with temporary.own_database(name=EVALUATION_DATABASE):
            evaluate.load_records(evaluate.read_records(options["records"]))
            try:
                evaluate.embed(options["model"])
            except (EncoderUnavailable, known_models.UnknownModel) as error:
                raise CommandError(str(error)) from error
            results.append(evaluate.evaluate(queries))
            for size in sorted(options["gallery"], reverse=True):
                evaluate.shrink(queries, size)
                results.append(evaluate.evaluate(queries))
        for result in results:
            self._table(result)
        if options["json"]:
            self.stdout.write(json.dumps({"model": options["model"], "galleries": results}))

    def _table(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"{result['queries']} queries, {result['gallery']} works")
        self.stdout.write(f"{'':24}" + "".join(f"{name:>17}" for name in MEASURES))
        best = f"fusion - {result['best_alone']}"
        rows = {
            **result["rows"],
            best: result["fusion_minus_best_alone"],
            f"fusion - {baseline.RRF}": result["fusion_minus_simple"],
        }
        for name, row in rows.items():
            cells = (row[each] for each in MEASURES)
            text = "".join(f"{c['mean']:7.3f} {c['low']:.2f}..{c['high']:.2f}" for c in cells)
            self.stdout.write(f"{name:24}{text}")
        chance = "".join(f"{result['chance'][name]:7.3f}{'':10}" for name in MEASURES)
        self.stdout.write(f"{'chance':24}{chance}\n")
