"""Measure whether searches heed "without" on the loaded sample museum (`manage.py demo`)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operations.benchmarks.search import negation
from search.embeddings import registry

FEWEST = 20


class Command(BaseCommand):
    help = "Measure how often answers show what a search asked to do without."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--works", type=int, default=720, help="works of `demo --works`")
        parser.add_argument("--seed", type=int, default=1869, help="seed of the collection")
        parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        works = negation.shown(options["works"], options["seed"])
        asked = negation.wishes(works)
        if len(asked) < FEWEST:
            raise CommandError(
                f"only {len(asked)} fair queries: load the sample museum first (manage.py demo)"
            )
        result: dict[str, Any] = {"works": len(works), "queries": len(asked)}
        if model := registry.active():
            result["model"] = {"name": model.name, "fingerprint": model.fingerprint}
        for name, read in (("before", negation.plain), ("after", negation.handled)):
            shares = list(negation.violations(asked, works, read))
            unwanted, wanted = (sum(each) / len(shares) for each in zip(*shares, strict=True))
            result[name] = {"violations": round(unwanted, 4), "wanted": round(wanted, 4)}
        if options["json"]:
            self.stdout.write(json.dumps(result))
            return
        for name in ("before", "after"):
            found = result[name]
            self.stdout.write(
                f"{name}: {found['violations']:.1%} of the first {negation.TOP} show what was not "
                f"wanted, {found['wanted']:.1%} what was"
            )
