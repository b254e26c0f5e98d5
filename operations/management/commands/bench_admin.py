"""Measure the admin's pages over a made-up collection, in a database of its own."""

import json
import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.test.utils import override_settings

from museum.core.database import temporary
from museum.models import Artwork, Theme
from operations.benchmarks import collection
from operations.benchmarks.search import admin_pages, database, over_http
from search.embeddings import known_models
from search.models import EmbeddingModel

SLOW_MS = 300


class Command(BaseCommand):
    help = "Measure the admin's pages and actions over a made-up collection in its own database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--n", type=int, default=131_000, help="works to make")
        parser.add_argument("--times", type=int, default=9, help="answers to time of each page")
        parser.add_argument("--keep", action="store_true", help="keep the database for another run")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        # Small, and good enough: what the model finds is not the question here.
        checkpoint = settings.BASE_DIR / known_models.DEMO.checkpoint
        config = json.loads((checkpoint / "open_clip_config.json").read_text())
        name = f"{database.DATABASE}_admin"
        # Names of static files cost the same with and without `collectstatic` before.
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        # No cache and no workers but this process's own: those of a site are left alone.
        local = {"BACKEND": "museum.core.caching.redis_cache.LocalCache"}
        caches = dict.fromkeys(settings.CACHES, local)
        with (
            override_settings(
                STORAGES={**settings.STORAGES, "staticfiles": plain}, CACHES=caches, REDIS_URL=""
            ),
            temporary.own_database(keep=options["keep"], name=name),
        ):
            if Theme.objects.exists():  # kept from before
                over_http.activate(EmbeddingModel.objects.get(name="synthetic"), checkpoint)
            else:
                made = database.collection(options["n"], config["model_cfg"]["embed_dim"])
                over_http.activate(made.model, checkpoint)
                admin_pages.furnish(made)
            pages = admin_pages.measure(collection.words(), options["times"])
            behind = admin_pages.behind()
            works = Artwork.objects.count()
        for page, measured in pages.items():
            slow = "  slow" if measured["p50_ms"] > SLOW_MS else ""
            self.stdout.write(
                f"{page:40} {measured['p50_ms']:8.1f} ms {measured['queries']:4} queries{slow}"
            )
        for name, milliseconds in behind.items():
            self.stderr.write(f"counted behind pages: {name} {milliseconds:.0f} ms")
        self.stderr.write(f"load {os.getloadavg()[0]:.1f}")
        if options["json"]:
            self.stdout.write(json.dumps({"works": works, "pages": pages}))
