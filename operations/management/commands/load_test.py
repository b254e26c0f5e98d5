"""`manage.py load_test`: searches until no more are answered, ten times that, and a soak."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from museum.core.cli import positive
from operations.benchmarks import disposable_site, isolated
from operations.benchmarks.ingest.fault_injection import RedisServer
from operations.benchmarks.load import run


class Command(BaseCommand):
    """The site that is asked is temporary, with a database of its own."""

    help = "Load a site of its own to saturation, ten times that, and for a soak."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of the collection and the spans of time."""
        add = parser.add_argument
        add("--works", type=positive, default=5000, metavar="N", help="%(default)s")
        add("--queries", type=positive, default=1000, metavar="N", help="different, %(default)s")
        add("--workers", type=positive, default=2, metavar="N", help="web processes, %(default)s")
        add("--step", type=positive, default=10, metavar="SECONDS", help="%(default)s")
        add("--soak", type=positive, default=600, metavar="SECONDS", help="%(default)s")
        add("--rate", type=positive, default=100, metavar="N", help="of the soak, %(default)s/s")
        add("--server", default=disposable_site.GUNICORN, metavar="MODULE", help="and its options")
        add("--inside", help=disposable_site.INSIDE)

    def handle(self, *args: Any, **options: Any) -> None:
        """End with one line of JSON; exit code 1 where a request failed without being told so."""
        if not options["inside"]:
            names = ("works", "queries", "workers", "step", "soak", "rate", "server")
            given = [part for name in names for part in (f"--{name}", str(options[name]))]
            raise SystemExit(isolated.run("load_test", *given, with_redis=True))
        queries = disposable_site.furnish(options["works"])[: options["queries"]]
        paths = ["/api/search?" + urlencode({"q": query}) for query in queries]
        folder, server = Path(options["inside"]), options["server"]
        with (
            RedisServer(urlsplit(settings.REDIS_URL).port or 0, folder),
            disposable_site.Web(folder, options["workers"], server=server) as web,
        ):
            spans = {name: options[name] for name in ("step", "soak", "rate")}
            found = run.measure(web, paths, self.stdout.write, **spans)
        self.stdout.write(json.dumps(found))
        raise SystemExit(1 if found["at_10x"]["errors"] or found["soak"]["errors"] else 0)
