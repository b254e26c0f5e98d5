"""`manage.py compare_models`: several models on the same works, so that a museum can choose."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.datasets import specs
from training.datasets.dataset import DatasetError
from training.evaluation import comparison

EXIT_PARTIAL, EXIT_NONE = 1, 2


class Command(BaseCommand):
    """Print one table of relevance, speed, size and licence."""

    help = "Compare models on the museum's works: relevance, latency, pictures/s, memory, size."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "names",
            nargs="+",
            metavar="NAME",
            help="a registered name, an open_clip ARCHITECTURE/TAG (CLIP, SigLIP, CoCa), "
            "blip/MODEL (pip install '.[blip]'), or a checkpoint folder",
        )
        parser.add_argument("--data", default="artic", metavar="SPEC", help="as in evaluate")
        parser.add_argument(
            "--queries", type=Path, metavar="FILE", help="ask these judged queries, too"
        )
        parser.add_argument("--part", default="test", choices=("test", "val", "train"))
        parser.add_argument(
            "--most", type=int, default=1000, help="most queries of each set (%(default)s)"
        )
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, names: Sequence[str], **options: Any) -> None:
        """Print the table; a model that cannot be loaded is named, and the exit code is 1."""
        try:
            rows = comparison.compare(
                names,
                specs.load(options["data"]),
                progress=sys.stderr.isatty(),
                **{name: options[name] for name in ("queries", "part", "most")},
            )
        except DatasetError as error:
            raise CommandError(str(error)) from error
        compared = [row for row in rows if "error" not in row]
        if compared:
            self._print(compared)
        for row in rows:
            if "error" in row:
                self.stderr.write(f"{row['name']} is left out: {row['error']}")
        if options["json"]:
            self.stdout.write(json.dumps(rows))
        if len(compared) < len(rows):
            sys.exit(EXIT_PARTIAL if compared else EXIT_NONE)

    def _print(self, rows: Sequence[dict[str, Any]]) -> None:
        first = rows[0]["sets"]
        columns = [
            (name, measure)
            for name, each in first.items()
            for measure in each
            if isinstance(each[measure], dict)
        ]
        heading = [
            "model",
            *(f"{name}: {measure}" for name, measure in columns),
            "query ms",
            "pictures/s",
            "memory of a query process, MB",
            "parameters, M",
            "dimension",
            "licence",
        ]
        for name, each in first.items():
            self.stdout.write(f"{name}: {each['queries']} queries, {each['gallery']} pictures")
        self._line(heading)
        self._line(["---"] * len(heading))
        for row in rows:
            measured = (row["sets"][name][measure] for name, measure in columns)
            self._line(
                [
                    row["name"],
                    *(f"{m['mean']:.3f} ({m['low']:.3f} to {m['high']:.3f})" for m in measured),
                    ", ".join(f"{way} {ms:.1f}" for way, ms in row["query_ms"].items()),
                    f"{row['images_per_s']:.1f}",
                    f"{row['memory_mb']:.0f}",
                    f"{row['parameters_m']:.1f}",
                    str(row["dimension"]),
                    row["licence"] or "unknown: see the model's page",
                ]
            )

    def _line(self, cells: Sequence[str]) -> None:
        self.stdout.write(f"| {' | '.join(cells)} |")
