"""`manage.py fault_test`: one queued ingest through many faults."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.benchmarks import isolated
from operations.benchmarks.ingest import fault_injection


class Command(BaseCommand):
    """Real processes on a temporary database, Redis and folder."""

    help = (
        "Ingest through faults, restarts and kills, and count losses, duplicates, unnamed failures."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--records", type=int, default=200, metavar="N", help="%(default)s")
        parser.add_argument("--json", action="store_true", help="print the last line only")
        parser.add_argument("--inside", help=fault_injection.INSIDE)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["records"] < fault_injection.MIN_RECORDS:
            raise CommandError(
                f"--records: give at least {fault_injection.MIN_RECORDS}", returncode=2
            )
        report = (lambda line: None) if options["json"] else self.stdout.write
        if options["inside"]:
            counts = fault_injection.run(Path(options["inside"]), options["records"], report)
            self.stdout.write(json.dumps(counts))
            raise SystemExit(1 if counts["lost"] or sum(list(counts.values())[2:]) else 0)
        arguments = ["--records", str(options["records"]), *(["--json"] if options["json"] else [])]
        code = isolated.run(
            "fault_test",
            *arguments,
            with_redis=True,
            AIC_API_INTERVAL="0",
            AIC_IMAGE_INTERVAL="0",
            AIC_TIMEOUT="5",
            QUERY_ENCODER="torch",
        )
        raise SystemExit(code)
