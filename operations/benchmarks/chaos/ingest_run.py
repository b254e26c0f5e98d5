"""The ingest that runs during a fault, and the count of its losses and duplicates."""
# ruff: noqa: S603 - it starts our own program only

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db.models import F
from PIL import Image

from ingest.models import IngestRun, IngestStep
from ingest.sources.artic.fake_server import Faults, Replica
from museum.models import Artwork, ArtworkQuerySet, ImageStatus
from operations.benchmarks.ingest.fault_injection import duplicate_vectors
from operations.benchmarks.ingest.synthetic.records import artwork

RECORD_COUNT = 80
PAGE_SIZE = 20
FIRST_RECORD = 100_000  # above the ids of the existing works
SOURCE_LATENCY_MS = 60  # of each answer of the source


class Ingest:
    """One queued run over its own records."""

    def __init__(self, number: int) -> None:
        first = FIRST_RECORD + number * RECORD_COUNT
        self.records = [artwork(0, n) for n in range(first, first + RECORD_COUNT)]
        self.before = Artwork.objects.count()

    @contextmanager
    def source(self, folder: Path) -> Iterator[str]:
        """Serve the records and their pictures; yield the address."""
        folder.mkdir()
        for record in self.records:
            n = record["id"]
            record |= {"image_id": f"picture-{n}", "is_public_domain": True}
            color = (n * 37 % 256, n * 91 % 256, n * 53 % 256)
            Image.new("RGB", (60, 40), color).save(folder / f"picture-{n}.jpg")
        lines = folder / "records.jsonl"
        lines.write_text("".join(json.dumps(record) + "\n" for record in self.records))
        with Replica([lines], images=folder, faults=Faults(latency=SOURCE_LATENCY_MS)) as replica:
            yield replica.base_url

    def start(self, address: str, **environment: str) -> IngestRun:
        """Start the run, as an operator does."""
        command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "ingest_artic"]
        options = [
            "--base-url",
            address,
            "--page-size",
            str(PAGE_SIZE),
            "--full",
            "--queue",
            "--json",
        ]
        env = {**os.environ, **environment}
        subprocess.run([*command, *options], check=True, capture_output=True, env=env, timeout=120)
        return IngestRun.objects.latest("pk")

    def lost(self, run: IngestRun) -> int:
        """Return the number of missing records, pictures and vectors, and of unfinished steps."""
        works = self._works()
        stored = works.filter(image_status=ImageStatus.STORED)
        whole = stored.filter(
            embeddings__kind="image", embeddings__source_hash=F("image_sha256")
        ).distinct()
        open_steps = run.steps.filter(state=IngestStep.State.OPEN).count()
        return 3 * RECORD_COUNT - works.count() - stored.count() - whole.count() + open_steps

    def duplicates(self, run: IngestRun) -> int:
        """Return the number of surplus rows, and of records and pictures counted twice."""
        run.refresh_from_db()
        works = self._works()
        stored = works.filter(image_status=ImageStatus.STORED).count()
        counted = (run.seen - RECORD_COUNT, run.created - works.count(), run.images - stored)
        surplus = Artwork.objects.count() - self.before - works.count()
        return sum(max(0, each) for each in counted) + abs(surplus) + duplicate_vectors()

    def _works(self) -> ArtworkQuerySet:
        return Artwork.objects.filter(artic_id__in=[record["id"] for record in self.records])
