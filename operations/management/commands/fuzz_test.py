"""`manage.py fuzz_test`: thousands of hostile requests to a temporary site."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from museum.core.cli import positive
from operations.benchmarks import disposable_site, isolated
from operations.benchmarks.fuzz import hostile_requests, run


class Command(BaseCommand):
    """The site and its database are temporary."""

    help = "Send hostile addresses, forms, uploads and picture URLs; count server errors."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of the corpus."""
        add = parser.add_argument
        add("--inputs", type=positive, default=6000, metavar="N", help="%(default)s")
        add("--seed", type=int, default=1, help="%(default)s")
        add("--inside", help=disposable_site.INSIDE_HELP)

    def handle(self, *args: Any, **options: Any) -> None:
        """End with one line of JSON; the exit code is 1 after server errors."""
        if not options["inside"]:
            given = ["--inputs", str(options["inputs"]), "--seed", str(options["seed"])]
            raise SystemExit(isolated.run("fuzz_test", *given, with_redis=False))
        folder = Path(options["inside"])
        disposable_site.fill(200)
        with disposable_site.Web(folder) as web:
            outcome = run.send(
                web.port, hostile_requests.requests(options["inputs"], options["seed"])
            )
            web.wait()  # the site must still answer
        for (kind, status), number in sorted(outcome.statuses.items()):
            self.stdout.write(f"{kind:7} {status} {number:6}")
        for line in outcome.errors[:20]:
            self.stdout.write(line)
        if outcome.errors:
            self.stdout.write(web.log.read_text()[-6000:])
        self.stdout.write(
            json.dumps({"inputs": outcome.inputs, "server_errors": len(outcome.errors)})
        )
        raise SystemExit(1 if outcome.errors else 0)
