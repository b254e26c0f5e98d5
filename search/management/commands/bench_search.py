"""Measure searches over the collection that is loaded, beside the floors of the same run."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand
from django.db import transaction

from museum.models import Artwork
from search import channels, encoders, engine, registry
from search.models import Embedding
from search.query import Query

WARM_UP = 3


class Command(BaseCommand):
    help = "Measure searches: p50 and p99 of the whole, of its parts, and of the bare vector query."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queries", type=int, default=100, help="searches to time")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        model = registry.active()
        titles = list(
            Artwork.objects.visible().order_by("pk").values_list("title", flat=True)[:5000]
        )
        if model is None or not titles:
            self.stderr.write("There is nothing to search: ingest works and embed them first.")
            sys.exit(2)
        encoder = encoders.get_query_encoder(model)
        queries = _queries(titles, options["queries"] + WARM_UP)
        vectors = {query: encoder.encode_texts([query.meaning])[0] for query in queries}
        works = Artwork.objects.visible()
        image = Embedding.Kind.IMAGE

        def bare(query: Query, depth: int) -> Any:
            return channels.by_vector(model, image, vectors[query], works, depth=depth)

        measured: dict[str, Callable[[Query], Any]] = {
            "search": engine.search,
            "encode": lambda query: encoder.encode_texts([query.meaning]),
            "rank": lambda query: engine.rank(query, model, vectors[query]),
            "words": lambda query: channels.by_words(query, works),
            "pictures, top 10": lambda query: bare(query, 10),
            "pictures, to full depth": lambda query: bare(query, channels.DEPTH),
            "pictures, whole scan": lambda query: channels.by_vector(
                model, image, vectors[query], works, depth=10, exact=True
            ),
        }
        result: dict[str, Any] = {
            "model": model.name,
            "works": works.count(),
            "vectors": model.embeddings.count(),
            "queries": options["queries"],
        }
        for name, call in measured.items():
            result[name] = _time(call, queries)
            if not options["json"]:
                line = "{p50_ms:8.2f} ms p50 {p99_ms:8.2f} ms p99".format(**result[name])
                self.stdout.write(f"{name:24}{line}")
        if options["json"]:
            self.stdout.write(json.dumps(result))


def _queries(titles: Sequence[str], number: int) -> list[Query]:
    """Make queries of two to five words of the collection's own titles, always the same ones."""
    words = sorted({word for title in titles for word in title.split() if word.isalpha()})
    chance = np.random.default_rng(0)
    return [
        Query.parse(" ".join(chance.choice(words, chance.integers(2, 6)))) for _ in range(number)
    ]


def _time(call: Callable[[Query], Any], queries: Sequence[Query]) -> dict[str, float]:
    seconds = []
    for query in queries:
        started = time.perf_counter()
        with transaction.atomic():
            call(query)
        seconds.append(time.perf_counter() - started)
    p50, p99 = np.percentile(seconds[WARM_UP:], [50, 99]) * 1000
    return {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2)}
