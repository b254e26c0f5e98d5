"""An ingest that faults fall upon, and what of it is lost or doubled afterwards."""
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
from ingest.sources.artic.fake_server import FakeServer, Faults
from museum.models import Artwork, ArtworkQuerySet, ImageStatus
from operations.benchmarks.ingest.fault_injection import doubled_vectors
from operations.benchmarks.ingest.synthetic.records import artwork

RECORDS = 80
PAGE = 20
FIRST = 100_000  # beyond the works that are there before
LATENCY = 60  # milliseconds of each answer of the source


class Ingest:
    """One queued run over records of its own."""

    def __init__(self, number: int) -> None:
        first = FIRST + number * RECORDS
        self.records = [artwork(0, n) for n in range(first, first + RECORDS)]
        self.before = Artwork.objects.count()

    @contextmanager
    def source(self, folder: Path) -> Iterator[str]:
        """Serve the records and their pictures; gives the address."""
        folder.mkdir()
        for record in self.records:
            n = record["id"]
            record |= {"image_id": f"picture-{n}", "is_public_domain": True}
            color = (n * 37 % 256, n * 91 % 256, n * 53 % 256)
            Image.new("RGB", (60, 40), color).save(folder / f"picture-{n}.jpg")
        lines = folder / "records.jsonl"
        lines.write_text("".join(json.dumps(record) + "\n" for record in self.records))
        with FakeServer([lines], images=folder, faults=Faults(latency=LATENCY)) as fake_server:
            yield fake_server.base_url

    def begin(self, address: str, **environment: str) -> IngestRun:
        """Queue it as an operator does."""
        command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "ingest_artic"]
        options = ["--base-url", address, "--page-size", str(PAGE), "--full", "--queue", "--json"]
        env = {**os.environ, **environment}
        subprocess.run([*command, *options], check=True, capture_output=True, env=env, timeout=120)
        return IngestRun.objects.latest("pk")

    def lost(self, run: IngestRun) -> int:
        """Records, pictures and vectors that are not there, and steps that nobody has done."""
        works = self._works()
        stored = works.filter(image_status=ImageStatus.STORED)
        whole = stored.filter(
            embeddings__kind="image", embeddings__source_hash=F("image_sha256")
        ).distinct()
        open_steps = run.steps.filter(state=IngestStep.State.OPEN).count()
        return 3 * RECORDS - works.count() - stored.count() - whole.count() + open_steps

    def doubled(self, run: IngestRun) -> int:
        """Rows too many, and records and pictures that were counted twice."""
        run.refresh_from_db()
        works = self._works()
        stored = works.filter(image_status=ImageStatus.STORED).count()
        counted = (run.seen - RECORDS, run.created - works.count(), run.images - stored)
        strangers = Artwork.objects.count() - self.before - works.count()
        return sum(max(0, each) for each in counted) + abs(strangers) + doubled_vectors()

    def _works(self) -> ArtworkQuerySet:
        return Artwork.objects.filter(artic_id__in=[record["id"] for record in self.records])
