"""`manage.py fault_test`: one queued ingest through everything that goes wrong at night."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.benchmarks import isolated
from operations.benchmarks.ingest import fault_injection


class Command(BaseCommand):
    """Real processes on a database, a Redis and a folder of their own, all of them temporary."""

    help = "Ingest through faults, restarts and kills, and count what was lost, doubled, unnamed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--records", type=int, default=200, metavar="N", help="%(default)s")
        parser.add_argument("--json", action="store_true", help="print only the last line")
        parser.add_argument("--inside", help=fault_injection.INSIDE)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["records"] < fault_injection.LEAST:
            raise CommandError(f"--records: give at least {fault_injection.LEAST}", returncode=2)
        say = (lambda line: None) if options["json"] else self.stdout.write
        if options["inside"]:
            found = fault_injection.run(Path(options["inside"]), options["records"], say)
            self.stdout.write(json.dumps(found))
            raise SystemExit(1 if found["lost"] or sum(list(found.values())[2:]) else 0)
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
