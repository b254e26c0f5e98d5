"""`manage.py ingest_folder`: a folder of pictures, with or without captions, as works."""

from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from ingest.models import IngestRun
from ingest.pipeline import stream
from ingest.pipeline.command import IngestCommand, Progress
from ingest.sources.folder.source import FolderSource


class Command(IngestCommand):
    """Read, load, store, embed: each picture in the folder and below is a work."""

    help = "Load a folder of pictures, with captions from a table if there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder and its captions."""
        FolderSource.add_arguments(parser)
        self.add_common(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one run."""
        options["sweep"] = options["sweep"] or options["sweep_anyway"]
        self._removed = 0
        captions = options["captions"]
        stored_options = {
            "reader": FolderSource.name,
            "mode": "part" if options["limit"] else "full",
            "since": None,
            "page_size": None,
            "images": True,
            "all_images": True,  # whoever has the pictures may show them
            "queue": False,
            "dump": None,
            "captions": str(captions) if captions else None,
            **{name: options[name] for name in ("limit", "embed", "sweep", "sweep_anyway")},
        }
        address = FolderSource.from_options({**options, "captions": None}).address
        self.conduct(address, stored_options, partial(self._work, options), options)

    def notes(self, run: IngestRun) -> list[str]:
        """Return how many pictures of earlier runs are no longer there."""
        if not self._removed:
            return []
        return [f"{self._removed} works are no longer in the folder (--sweep withdraws them)"]

    def _work(self, options: dict[str, Any], run: IngestRun, progress: Progress) -> None:
        source = FolderSource.from_options(options)
        present = self.read_source(source, run, progress)
        if run.crawled_at:
            works = stream.works_of_source(run, source).filter(withdrawn_at__isnull=True)
            self._removed = len(set(works.values_list("artic_id", flat=True)) - present)
