"""`manage.py probe_recall`: the recall of the vector indexes, compared with exact scans."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from museum.core.cli import positive
from operations import recall_probe


class Command(BaseCommand):
    """Take the nightly probe now."""

    help = "Measure recall@10 of the active model's vector indexes, compared with exact scans."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the number of queries."""
        parser.add_argument(
            "--queries",
            type=positive,
            default=recall_probe.QUERIES,
            metavar="N",
            help="%(default)s",
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, queries: int, json: bool, **options: Any) -> None:
        """Print the recall of each index; the exit code is 1 if one is below RECALL_FLOOR."""
        probes = recall_probe.take(queries)
        if json:
            self.stdout.write(_as_json(probes))
        else:
            for probe in probes:
                self.stdout.write(
                    f"{probe.kind}: recall@10 {probe.recall:.3f} over {probe.queries} queries; "
                    f"index {probe.index_ms:.1f} ms, exact scan {probe.exact_ms:.1f} ms"
                )
            if not probes:
                self.stdout.write("There is no active model with embedded works yet.")
        if any(probe.recall < settings.RECALL_FLOOR for probe in probes):
            raise SystemExit(1)


def _as_json(probes: list[Any]) -> str:
    names = ("kind", "queries", "recall", "index_ms", "exact_ms")
    return json.dumps([{name: getattr(probe, name) for name in names} for probe in probes])
