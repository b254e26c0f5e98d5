"""`manage.py bench_growth`: ten thousand vectors, a hundred thousand, a million."""

import json
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from museum.core.cli import positive
from museum.core.database.temporary import own_database
from operations.benchmarks import growth
from search.retrieval.vectors import EF_SEARCH

GROWTH_DATABASE = "ekphrasis_growth"


class Command(BaseCommand):
    """One table and one index beside partitions, of each size."""

    help = "Measure the cost of many vectors: loading, indexes, disk space and queries."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sizes, and what to leave for another run."""
        add = parser.add_argument
        sizes = [10_000, 100_000, 1_000_000]
        add("--sizes", type=positive, nargs="+", default=sizes, metavar="N", help="%(default)s")
        add("--partitions", type=positive, default=4, metavar="N", help="%(default)s")
        add("--queries", type=positive, default=200, metavar="N", help="%(default)s")
        add("--ef-search", type=positive, default=EF_SEARCH, metavar="N", help="%(default)s")
        add("--keep", action="store_true", help="keep the tables for another run")
        add("--only-make", action="store_true", help="do not query yet; needs --keep")

    def handle(self, *args: Any, **options: Any) -> None:
        """End each size with a line of JSON."""
        partitions = options["partitions"]
        with own_database(keep=options["keep"], name=GROWTH_DATABASE):
            for number in options["sizes"]:
                growth.make(number, partitions, self.stderr.write)
            for number in [] if options["only_make"] else options["sizes"]:
                figures = growth.measure(
                    number, partitions, options["queries"], options["ef_search"]
                )
                figures["load"] = round(os.getloadavg()[0], 2)
                self.stdout.write(json.dumps(figures))
