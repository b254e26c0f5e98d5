"""`manage.py map`: the map of the collection, from the active model's vectors of its pictures."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search.collection_map import layout, storage
from search.collection_map.build import build_map
from search.embeddings import registry


class Command(BaseCommand):
    """Make the map of the collection that /map shows."""

    help = "Make the map of the collection, from the active model's vectors of its pictures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--linear",
            action="store_true",
            help="principal components alone: needs no umap-learn, and tells less apart",
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")

    def handle(self, *args: Any, linear: bool, json: bool, **options: Any) -> None:
        """Build and store the map; the site shows it within a minute."""
        model = registry.active()
        if model is None:
            raise CommandError("No model is active: embed the collection first (manage.py embed)")
        started = time.monotonic()
        try:
            collection_map = build_map(model, layout.linear if linear else layout.umap)
        except layout.UmapUnavailableError as error:
            raise CommandError(str(error)) from error
        if collection_map is None:
            raise CommandError(f"No picture has a vector by {model.name}: run manage.py embed")
        summary = storage.store(collection_map, model)
        self._say(json, summary, model.name, time.monotonic() - started)

    def _say(self, as_json: bool, summary: storage.MapSummary, model: str, seconds: float) -> None:
        figures = {
            "works": summary.works,
            "regions": len(summary.regions),
            "model": model,
            "seconds": round(seconds, 1),
        }
        text = "Map of {works} works in {regions} regions by {model} in {seconds} s"
        self.stdout.write(json.dumps(figures) if as_json else text.format(**figures))
