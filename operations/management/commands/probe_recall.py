"""`manage.py probe_recall`: what the vector indexes find, beside a whole scan."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from museum.core.cli import positive
from operations import recall_probe


class Command(BaseCommand):
    """Take the nightly probe now."""

    help = "Measure recall@10 of the active model's vector indexes against whole scans."

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
        """Say what each index found; exit code 1 where one is below RECALL_FLOOR."""
        probes = recall_probe.take(queries)
        if json:
            self.stdout.write(_as_json(probes))
        else:
            for taken in probes:
                self.stdout.write(
                    f"{taken.kind}: recall@10 {taken.recall:.3f} over {taken.queries} queries; "
                    f"index {taken.index_ms:.1f} ms, whole scan {taken.exact_ms:.1f} ms"
                )
            if not probes:
                self.stdout.write("Nothing is embedded by an active model yet.")
        if any(taken.recall < settings.RECALL_FLOOR for taken in probes):
            raise SystemExit(1)


def _as_json(probes: list[Any]) -> str:
    names = ("kind", "queries", "recall", "index_ms", "exact_ms")
    return json.dumps([{name: getattr(taken, name) for name in names} for taken in probes])
