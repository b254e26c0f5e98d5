"""`manage.py ingest_folder`: a folder of pictures, with or without captions, as works."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ingest.images import fetch
from ingest.models import IngestRun
from ingest.pipeline import steps, stream
from ingest.pipeline.command import IngestCommand, Progress
from ingest.sources.folder.source import MAX_BYTES, FolderSource
from museum.models import Artwork


class Command(IngestCommand):
    """Read, load, store, embed: each picture in the folder and below is a work."""

    help = "Load a folder of pictures, with captions from a table if there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder and its captions."""
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--captions", type=Path, metavar="FILE",
            help=".csv or .jsonl with a column “file” and others such as title and description",
        )  # fmt: skip
        self.add_common(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is asked in one run."""
        options["sweep"] = options["sweep"] or options["sweep_anyway"]
        folder, captions = Path(options["folder"]).resolve(), options["captions"]
        kept = {
            "mode": "part" if options["limit"] else "full",
            "since": None,
            "page_size": stream.BATCH,
            "images": False,  # they are stored as they are read
            "all_images": True,  # whoever has the pictures may show them
            "queue": False,
            "dump": None,
            "captions": str(Path(captions).resolve()) if captions else None,
            **{name: options[name] for name in ("limit", "embed", "sweep", "sweep_anyway")},
        }
        self.conduct(folder.as_uri(), kept, partial(self._work, folder), options)

    def notes(self, run: IngestRun) -> list[str]:
        """How many pictures of earlier runs are no longer there."""
        if not self._removed:
            return []
        return [f"{self._removed} works are no longer in the folder (--sweep withdraws them)"]

    def _work(self, folder: Path, run: IngestRun, progress: Progress) -> None:
        self._removed = 0
        captions = run.options["captions"]
        source = FolderSource(folder, Path(captions) if captions else None)
        stream.read(run, source, progress.before, partial(self._store, source))
        if run.crawled_at:
            here = stream.works_of_source(run).filter(withdrawn_at__isnull=True)
            ids = set(here.values_list("artic_id", flat=True))
            self._removed = len(ids - source.present)
        steps.work_off(run.pk, progress.before)
        if run.options["embed"]:
            steps.build_indexes()

    def _store(self, source: FolderSource, run: IngestRun, keys: Sequence[int]) -> None:
        wanted = Artwork.objects.filter(artic_id__in=keys, image_status__in=fetch.WANTED)
        for work in wanted.order_by("pk").iterator():
            fetch.put(run, work, source.files[work.image_id or ""], MAX_BYTES)
