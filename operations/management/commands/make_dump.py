"""`manage.py make_dump`: a synthetic data dump, to measure loading with."""

import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from operations.benchmarks.ingest.synthetic import archive


class Command(BaseCommand):
    """Write a data dump like AIC's, of synthetic records."""

    help = "Write a data dump like AIC's, of synthetic records, in any size."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size, the seed and where to write."""
        parser.add_argument("--records", type=int, default=131_000, help="artworks in it")
        parser.add_argument("--out", type=Path, required=True, help="FILE.tar.bz2")
        parser.add_argument("--seed", type=int, default=0, help="seed of the records")
        parser.add_argument(
            "--others",
            type=float,
            default=archive.OTHER_FILES_A_WORK,
            help="files of other endpoints for each artwork (AIC's dump has about %(default)s)",
        )

    def handle(
        self, *args: Any, records: int, out: Path, seed: int, others: float, **options: Any
    ) -> None:
        """Write the dump, and print its size."""
        if records < 1 or others < 0:
            raise CommandError("--records must be at least 1, and --others at least 0")
        if not out.name.endswith(".tar.bz2"):
            raise CommandError(f"--out {out}: the name must end in .tar.bz2")
        started, done = time.monotonic(), 0
        total = records + round(records * others)
        try:
            with tqdm(total=total, unit="file", disable=not sys.stderr.isatty()) as progress:
                for done in archive.write(out, records, seed=seed, others=others):
                    progress.update(done - progress.n)
        except OSError as error:
            raise CommandError(f"{out} cannot be written ({error.strerror})") from error
        self.stdout.write(
            f"{out}: {records} synthetic artworks among {done} files, "
            f"{out.stat().st_size / 1e6:.1f} MB, in {time.monotonic() - started:.0f} s"
        )
