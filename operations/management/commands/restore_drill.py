"""`manage.py restore_drill`: destroy a site's data, restore it, and compare."""

import hashlib
import io
import json
import shutil
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from PIL import Image

from museum.core.cli import positive
from museum.images import storage
from operations.benchmarks import disposable_site, isolated
from search.embeddings import hnsw_index, registry

COMPARED_TABLES = ("museum_artwork", "museum_description", "museum_artist", "search_embedding")
PICTURE_COUNT = 500


class Command(BaseCommand):
    """The collection, its database and its pictures are temporary."""

    help = "Back up a made-up collection, destroy database and pictures, restore and compare."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of the collection."""
        add = parser.add_argument
        add("--works", type=positive, default=20_000, metavar="N", help="%(default)s")
        add("--inside", help=disposable_site.INSIDE_HELP)

    def handle(self, *args: Any, **options: Any) -> None:
        """End with one line of JSON; the exit code is 1 if anything differs."""
        if not options["inside"]:
            given = ["--works", str(options["works"])]
            raise SystemExit(isolated.run("restore_drill", *given, with_redis=False))
        folder = Path(options["inside"]) / "backup"
        disposable_site.fill(options["works"])
        for number in range(PICTURE_COUNT):
            storage.store(_picture(number))
        before = _state()
        backup_s = _timed("backup", folder)
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        shutil.rmtree(settings.MEDIA_ROOT)
        restore_s = _timed("restore", folder, replace=True)
        model = registry.active()
        is_same = _state() == before and model is not None and not hnsw_index.ensure(model)
        figures = {
            "rows": sum(number for number, _ in before[0].values()),
            "pictures": len(before[1]),
            "backup_mb": _mebibytes(folder),
            "backup_s": backup_s,
            "restore_s": restore_s,
            "is_same": is_same,
        }
        self.stdout.write(json.dumps(figures))
        raise SystemExit(not is_same)


def _timed(command: str, folder: Path, **options: Any) -> float:
    began = time.perf_counter()
    call_command(command, folder, stdout=io.StringIO(), **options)
    return round(time.perf_counter() - began, 1)


def _state() -> tuple[dict[str, tuple[int, str]], dict[str, str]]:
    """Return count and hash of the rows of `COMPARED_TABLES`, and the hash of each picture."""
    rows = {}
    with connection.cursor() as cursor:
        for table in COMPARED_TABLES:
            cursor.execute(
                "SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY id)) "  # noqa: S608
                f"FROM {table} t"
            )
            rows[table] = cursor.fetchone()
    stored = [file for file in Path(settings.MEDIA_ROOT).rglob("*") if file.is_file()]
    return rows, {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in stored}


def _picture(number: int) -> bytes:
    """Return a unique JPEG."""
    file = io.BytesIO()
    made = Image.effect_noise((400, 300), 60).convert("RGB")
    made.putpixel((0, 0), (number % 256, number // 256, 0))
    made.save(file, "JPEG", quality=90)
    return file.getvalue()


def _mebibytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) // 2**20
