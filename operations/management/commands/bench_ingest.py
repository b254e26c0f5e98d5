"""`manage.py bench_ingest`: how fast a whole collection loads, and how busy the model is kept."""

import json
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from museum.images import decoding
from operations.benchmarks import untrained_encoder
from operations.benchmarks.ingest import bench_database
from operations.benchmarks.ingest.synthetic import archive
from search import encoders
from search.models import EmbeddingModel

ARCHITECTURE = "ViT-B-32"  # the default model's; untrained weights cost the same
MODEL_ROUND_PICTURES = 256  # pictures of one measurement of the model alone
EMBED_STEPS_SQL = """
    SELECT cardinality(keys), extract(epoch FROM claimed_at), extract(epoch FROM finished_at)
    FROM ingest_ingeststep WHERE stage = 'embed' ORDER BY number
"""


class Command(BaseCommand):
    """Load a synthetic dump twice, then pictures from a fake server, in a temporary database."""

    help = "Measure loading and reloading a data dump, and embedding compared with the model alone."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sizes."""
        parser.add_argument("--records", type=int, default=131_000, help="artworks in the dump")
        parser.add_argument(
            "--pictures", type=int, default=1000, help="0: do not measure embedding"
        )
        parser.add_argument(
            "--model",
            type=Path,
            metavar="DIR",
            help=f"checkpoint to measure with (default: an untrained {ARCHITECTURE})",
        )
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print each figure."""
        records, pictures_ = options["records"], options["pictures"]
        if records < 1 or pictures_ < 0:
            raise CommandError("--records must be at least 1, and --pictures at least 0")
        folder = Path(settings.DATA_DIR) / "bench"
        dump = self._dump(folder, records)
        database = bench_database.BenchDatabase(f"ekphrasis_bench_{os.getpid()}", folder / "data")
        figures: dict[str, Any] = {"records": records}
        # On SIGTERM the command stops its processes and drops its database.
        signal_before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with database.created():
                figures |= self._load(database, dump, records)
            # A new database: embedding the texts of the whole dump would take hours.
            with database.created():
                figures |= self._embed(database, folder, pictures_, options["model"])
        except (RuntimeError, psycopg.Error) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError("stopped by hand", returncode=130) from error
        finally:
            signal.signal(signal.SIGTERM, signal_before)
        load = os.getloadavg()[0]
        self.stdout.write(f"{os.cpu_count()} cores, load average {load:.1f} over the last minute")
        if options["json"]:
            self.stdout.write(json.dumps(figures))

    def _dump(self, folder: Path, records: int) -> Path:
        path = folder / f"dump-{records}.tar.bz2"
        if not path.is_file():
            self.stdout.write(f"Making {path} …")
            folder.mkdir(parents=True, exist_ok=True)
            for _ in archive.write(path, records):
                pass
        return path

    def _load(
        self, database: bench_database.BenchDatabase, dump: Path, records: int
    ) -> dict[str, Any]:
        command = ["ingest_artic", "--dump", str(dump), "--no-images", "--no-embed", "--json"]
        first = database.manage(*command)
        if first.json()["created"] != records:
            raise RuntimeError(f"not all of {records} records were loaded: {first.json()}")
        self.stdout.write(f"Loaded in {first.seconds:.1f} s, peak memory {first.peak_mb:.0f} MB")
        before = database.writes()
        again = database.manage(*command)
        writes = database.writes() - before
        if again.json()["unchanged"] != records:
            raise RuntimeError(f"some of {records} records changed: {again.json()}")
        self.stdout.write(f"Loaded again in {again.seconds:.1f} s, {writes} rows written")
        return {
            "load_s": round(first.seconds, 1),
            "reload_s": round(again.seconds, 1),
            "reload_row_writes": writes,
            "peak_mb": round(max(first.peak_mb, again.peak_mb)),
        }

    def _embed(
        self, database: bench_database.BenchDatabase, folder: Path, number: int, model: Path | None
    ) -> dict[str, Any]:
        if not number:
            return {"embed_rate": None, "pure_rate": None}
        checkpoint = model or folder / "untrained-vit-b-32"
        if model is None:
            untrained_encoder.write(checkpoint, ARCHITECTURE)
        file = bench_database.write_museum(folder / f"museum-{number}", number)
        images = file.parent / "images"
        database.manage("embed", "--model", str(checkpoint), "--activate")
        serve = ["--records", str(file), "--images", str(images), "--port", "0"]
        with database.running("artic_replica", *serve) as server:
            assert server.stdout is not None  # noqa: S101 - asked for in `running`
            base_url = next(w for w in server.stdout.readline().split() if w.startswith("http"))
            before = self._pure_rate(checkpoint, images)
            run = database.manage("ingest_artic", "--base-url", base_url, "--json").json()
            after = self._pure_rate(checkpoint, images)
        if run["embedded"] != number:
            raise RuntimeError(f"not all of {number} pictures were embedded: {run}")
        rate = _rate(database.execute(EMBED_STEPS_SQL))
        pure = (before + after) / 2
        self.stdout.write(
            f"{rate:.1f} pictures embedded a second ({rate / pure:.0%} of the model's own "
            f"{pure:.1f}: {before:.1f} before, {after:.1f} after); with fetching and loading the "
            f"model, {number / run['seconds']:.1f}"
        )
        return {"embed_rate": round(rate, 2), "pure_rate": round(pure, 2)}

    def _pure_rate(self, checkpoint: Path, images: Path) -> float:
        """Return pictures a second of the model alone, on decoded pictures."""
        encoder = encoders.get_encoder(EmbeddingModel(checkpoint=str(checkpoint)))
        size = settings.EMBED_BATCH_SIZE
        files = sorted(images.iterdir())[:MODEL_ROUND_PICTURES]
        decoded = [encoder.prepare(decoding.decode(file.read_bytes())) for file in files]
        encoder.encode_images(decoded[:size])  # warm
        started = time.perf_counter()
        for start in range(0, len(decoded), size):
            encoder.encode_images(decoded[start : start + size])
        return len(decoded) / (time.perf_counter() - started)


def _rate(steps: Sequence[tuple[Any, ...]]) -> float:
    """Return works a second of steps `(works, began, ended)`, in seconds.

    If there are several, the first one, in which the weights are read, does not count.
    """
    (works, began, ended), *rest = steps
    if rest:
        works, began, ended = sum(step[0] for step in rest), ended, rest[-1][2]
    return float(works) / float(ended - began)
