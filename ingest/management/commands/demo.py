"""`manage.py demo`: the sample museum through the whole pipeline, then the site."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingest.sample.records import write_collection
from ingest.sample.themes import publish_themes
from ingest.sources.sample.source import SampleSource
from museum.management.commands.serve import require_free
from museum.models import Artwork
from search.collection_map import storage
from search.embeddings import registry


class Command(BaseCommand):
    """Generate, ingest and embed the sample museum, then serve the site."""

    help = "Generate, ingest and embed the sample museum, then serve the site."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port and the size of the collection."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--works", type=int, default=720, help="size of the sample museum")
        parser.add_argument("--no-serve", action="store_true", help="load only")

    def handle(self, *args: Any, port: int, works: int, no_serve: bool, **options: Any) -> None:
        """Load what is not loaded yet; a second run only starts the site."""
        if not no_serve:
            require_free(port)
        call_command("migrate", verbosity=0)
        if Artwork.objects.filter(is_generated=False).exists():
            raise CommandError(
                "this database holds real artworks, and the demo would mix generated ones among "
                "them: set DATA_DIR to an empty folder (or unset DATABASE_URL) for the demo"
            )
        folder = Path(settings.DATA_DIR) / "sample"
        self.stdout.write("Sample museum: generating pictures and records …")
        write_collection(folder, count=works)
        call_command("ingest", SampleSource.name, str(folder))
        publish_themes()
        if not no_serve:
            self._serve(port)

    def _serve(self, port: int) -> None:
        if storage.of(registry.active()) is None:
            # Beside the site, which need not wait for it: half a minute of a processor.
            manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
            subprocess.Popen(["nice", *manage, "map"], stdout=subprocess.DEVNULL)  # noqa: S603, S607
        self.stdout.write("`make stop` also ends the database.\n")
        call_command("serve", port=port)
