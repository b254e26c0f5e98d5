"""`manage.py bench_negation`: searches with "without" on the sample museum (`manage.py demo`)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operations.benchmarks.search import negation
from search.embeddings import registry

MIN_QUERIES = 20


class Command(BaseCommand):
    help = 'Measure how often answers show what a search excludes with "without".'

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--works", type=int, default=720, help="works of `demo --works`")
        parser.add_argument("--seed", type=int, default=1869, help="seed of the collection")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        works = negation.shown(options["works"], options["seed"])
        queries = negation.exclusions(works)
        if len(queries) < MIN_QUERIES:
            raise CommandError(
                f"only {len(queries)} fair queries: load the sample museum first (manage.py demo)"
            )
        result: dict[str, Any] = {"works": len(works), "queries": len(queries)}
        if model := registry.active():
            result["model"] = {"name": model.name, "fingerprint": model.fingerprint}
        for name, read in (
            ("before", negation.without_negation),
            ("after", negation.with_negation),
        ):
            query_shares = list(negation.violations(queries, works, read))
            excluded, requested = (
                sum(each) / len(query_shares) for each in zip(*query_shares, strict=True)
            )
            result[name] = {"violations": round(excluded, 4), "wanted": round(requested, 4)}
        if options["json"]:
            self.stdout.write(json.dumps(result))
            return
        for name in ("before", "after"):
            shares = result[name]
            self.stdout.write(
                f"{name}: {shares['violations']:.1%} of the first {negation.RESULT_DEPTH} show "
                f"what was excluded, {shares['wanted']:.1%} what was asked for"
            )
