"""Measure searches over a made-up collection, beside the floors of the same run."""

import json
import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from search import benchmark


class Command(BaseCommand):
    help = "Measure searches over a made-up collection in a database of its own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--n", type=int, default=131_000, help="works to make")
        parser.add_argument("--queries", type=int, default=100, help="searches to time")
        parser.add_argument("--keep", action="store_true", help="keep the database for another run")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with benchmark.own_database(keep=options["keep"]):
            made = benchmark.collection(options["n"])
            result = benchmark.measure(made, options["queries"])
        # What else the machine was doing decides what the times are worth.
        result["load"] = round(os.getloadavg()[0], 2)
        if options["json"]:
            self.stdout.write(json.dumps(result))
            return
        for name, value in result.items():
            self.stdout.write(f"{name:20} {value}")
