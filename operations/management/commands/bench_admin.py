"""`manage.py bench_admin`: the admin's pages over a made-up collection."""

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
    help = (
        "Measure the admin's pages and actions over a made-up collection in a temporary database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--n", type=int, default=131_000, help="works to make")
        parser.add_argument("--times", type=int, default=9, help="answers to time of each page")
        parser.add_argument("--keep", action="store_true", help="keep the database for another run")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        # A small model: the quality of its answers does not matter here.
        checkpoint = settings.BASE_DIR / known_models.DEMO.checkpoint
        config = json.loads((checkpoint / "open_clip_config.json").read_text())
        name = f"{database.DATABASE}_admin"
        # Static files cost the same whether or not `collectstatic` ran.
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        # Only this process's own cache and no workers, so that a running site is not affected.
        local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        caches = dict.fromkeys(settings.CACHES, local)
        with (
            override_settings(
                STORAGES={**settings.STORAGES, "staticfiles": plain}, CACHES=caches, REDIS_URL=""
            ),
            temporary.own_database(keep=options["keep"], name=name),
        ):
            if Theme.objects.exists():  # kept by an earlier run
                over_http.activate(EmbeddingModel.objects.get(name="synthetic"), checkpoint)
            else:
                made = database.collection(options["n"], config["model_cfg"]["embed_dim"])
                over_http.activate(made.model, checkpoint)
                admin_pages.fill(made)
            pages = admin_pages.measure(collection.words(), options["times"])
            counts = admin_pages.background_counts()
            works = Artwork.objects.count()
        for page, measured in pages.items():
            slow = "  slow" if measured["p50_ms"] > SLOW_MS else ""
            self.stdout.write(
                f"{page:40} {measured['p50_ms']:8.1f} ms {measured['queries']:4} queries{slow}"
            )
        for name, milliseconds in counts.items():
            self.stderr.write(f"counted in the background: {name} {milliseconds:.0f} ms")
        self.stderr.write(f"load {os.getloadavg()[0]:.1f}")
        if options["json"]:
            self.stdout.write(json.dumps({"works": works, "pages": pages}))
