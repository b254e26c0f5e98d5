"""`manage.py load_test`: searches at saturation, at ten times that load, and over a soak."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from museum.core.cli import positive
from operations.benchmarks import disposable_site, isolated
from operations.benchmarks.load import run
from operations.benchmarks.redis_server import RedisServer


class Command(BaseCommand):
    """The site and its database are temporary."""

    help = "Load a temporary site to saturation, to ten times that, and for a soak."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the size of the collection and the durations."""
        add = parser.add_argument
        add("--works", type=positive, default=5000, metavar="N", help="%(default)s")
        add(
            "--queries",
            type=positive,
            default=1000,
            metavar="N",
            help="distinct queries, %(default)s",
        )
        add("--workers", type=positive, default=2, metavar="N", help="web processes, %(default)s")
        add("--step", type=positive, default=10, metavar="SECONDS", help="%(default)s")
        add("--soak", type=positive, default=600, metavar="SECONDS", help="%(default)s")
        add("--rate", type=positive, default=100, metavar="N", help="of the soak, %(default)s/s")
        add(
            "--server",
            default=disposable_site.GUNICORN_COMMAND,
            metavar="MODULE",
            help="and its options",
        )
        add("--inside", help=disposable_site.INSIDE_HELP)

    def handle(self, *args: Any, **options: Any) -> None:
        """End with one line of JSON; the exit code is 1 if requests failed without Retry-After."""
        if not options["inside"]:
            names = ("works", "queries", "workers", "step", "soak", "rate", "server")
            given = [part for name in names for part in (f"--{name}", str(options[name]))]
            raise SystemExit(isolated.run("load_test", *given, with_redis=True))
        queries = disposable_site.fill(options["works"])[: options["queries"]]
        paths = ["/api/search?" + urlencode({"q": query}) for query in queries]
        folder, server = Path(options["inside"]), options["server"]
        with (
            RedisServer(urlsplit(settings.REDIS_URL).port or 0, folder),
            disposable_site.Web(folder, options["workers"], server=server) as web,
        ):
            durations = {name: options[name] for name in ("step", "soak", "rate")}
            figures = run.measure(web, paths, self.stdout.write, **durations)
        self.stdout.write(json.dumps(figures))
        raise SystemExit(1 if figures["at_10x"]["errors"] or figures["soak"]["errors"] else 0)
