"""`manage.py chaos_test`: kill processes, fill the disk, move the clock, and count losses."""

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from museum.core.cli import positive
from museum.core.database.embedded import server
from operations.benchmarks import disposable_site, isolated
from operations.benchmarks.chaos import disk, run
from operations.benchmarks.chaos.faults import faults
from operations.benchmarks.chaos.stack import Stack


class Command(BaseCommand):
    """The site is temporary, with databases and a Redis of its own."""

    help = "Apply faults to a temporary scaled site, and count losses and duplicates."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of the collection, and which faults."""
        add = parser.add_argument
        add("--works", type=positive, default=2000, metavar="N", help="%(default)s")
        add("--only", action="append", metavar="NAME", help="a fault (repeatable; default: all)")
        add("--inside", help=disposable_site.INSIDE_HELP)

    def handle(self, *args: Any, **options: Any) -> None:
        """End with one line of JSON; the exit code is 1 if rows were lost or duplicated."""
        only = options["only"]
        if not options["inside"]:
            given = ["--works", str(options["works"])]
            given += [part for name in only or [] for part in ("--only", name)]
            intervals = {"AIC_API_INTERVAL": "0", "AIC_IMAGE_INTERVAL": "0", "AIC_TIMEOUT": "5"}
            raise SystemExit(isolated.run("chaos_test", *given, with_redis=True, **intervals))
        folder = Path(options["inside"])
        with ExitStack() as stack:
            aside = Path(stack.enter_context(tempfile.TemporaryDirectory("-ekphrasis-chaos")))
            aside.chmod(0o755)
            is_small = stack.enter_context(disk.small(folder))
            stack.callback(server.stop, Path(connection.settings_dict["DATA_DIR"]))
            queries = disposable_site.fill(options["works"])
            paths = ["/api/search?" + urlencode({"q": query}) for query in queries]
            site = stack.enter_context(Stack(folder, aside))
            results = []
            for number, fault in enumerate(faults(paths, self.stderr.write, is_small=is_small)):
                if not only or fault.name in only:
                    results.append(run.apply_fault(site, fault, number, queries, self.stderr.write))
            connection.close()
        self.stdout.write(json.dumps({"faults": results}))
        raise SystemExit(any(each["lost_rows"] or each["duplicate_rows"] for each in results))
