"""Compare models, so that a museum can choose."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

PARTIAL, NOTHING = 1, 2


class Command(BaseCommand):
    """One table: what each finds, how fast, how large, under what licence."""

    help = "Compares models on the museum's works: relevance, latency, pictures/s, memory, size."

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
        parser.add_argument("--queries", type=Path, metavar="FILE", help="judged queries as well")
        parser.add_argument("--part", default="test", choices=("test", "val", "train"))
        parser.add_argument("--most", type=int, default=1000, help="queries of each set at most")
        parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")

    def handle(self, *args: Any, names: Sequence[str], **options: Any) -> None:
        """Print the table; models that cannot be loaded are named, and the exit code is 1."""
        from training import datasets  # noqa: PLC0415 - torch, only when needed
        from training.evaluation import comparison  # noqa: PLC0415

        try:
            table = comparison.compare(
                names,
                datasets.load(options["data"]),
                progress=sys.stderr.isatty(),
                **{name: options[name] for name in ("queries", "part", "most")},
            )
        except datasets.DatasetError as error:
            raise CommandError(str(error)) from error
        compared = [row for row in table if "error" not in row]
        if compared:
            self._print(compared)
        for row in table:
            if "error" in row:
                self.stderr.write(f"{row['name']} is left out: {row['error']}")
        if options["json"]:
            self.stdout.write(json.dumps(table))
        if len(compared) < len(table):
            sys.exit(PARTIAL if compared else NOTHING)

    def _print(self, table: Sequence[dict[str, Any]]) -> None:
        first = table[0]["sets"]
        shown = [
            (name, measure)
            for name, each in first.items()
            for measure in each
            if isinstance(each[measure], dict)
        ]
        heading = [
            "model",
            *(f"{name}: {measure}" for name, measure in shown),
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
        for row in table:
            measured = (row["sets"][name][measure] for name, measure in shown)
            self._line(
                [
                    row["name"],
                    *(f"{m['mean']:.3f} ({m['low']:.3f} to {m['high']:.3f})" for m in measured),
                    ", ".join(f"{way} {ms:.1f}" for way, ms in row["query_ms"].items()),
                    f"{row['images_per_s']:.1f}",
                    f"{row['memory_mb']:.0f}",
                    f"{row['parameters_m']:.1f}",
                    str(row["dimension"]),
                    row["licence"] or "not known: see the model's page",
                ]
            )

    def _line(self, cells: Sequence[str]) -> None:
        self.stdout.write(f"| {' | '.join(cells)} |")
