"""The fault test: a queued ingest with many faults at once, and a count of losses and duplicates.

The source answers 5 % of requests with a 500, drops 2 %, sends HTML for 3 % and refuses 5 % of the
pictures; one picture is truncated, and one declares 60,000 x 60,000 pixels. Meanwhile Redis
restarts and loses all data, Postgres restarts, and two workers are killed.
"""
# ruff: noqa: S603 - it starts our own programs only

import json
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F
from PIL import Image

from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.pipeline import steps
from ingest.runs import reconnect
from ingest.sources.artic.fake_server import Faults, Replica
from museum.core.database.embedded import server
from museum.models import Artwork, ImageStatus
from operations.benchmarks.celery_workers import Workers
from operations.benchmarks.ingest.synthetic.records import artwork
from operations.benchmarks.redis_server import RedisServer
from search.embeddings import registry
from search.models import Embedding
from testing import tiny_clip

INSIDE = "(used by the command itself: the temporary folder)"
MIN_RECORDS = 20
# Alone it takes 60 to 80 seconds, and each of four faults can delay a step by most of a minute.
DEADLINE_SECONDS = 260.0
PAGE_SIZE = 20
BOMB_SIDE_PIXELS = 60_000
Report = Callable[[str], Any]


def run(folder: Path, records: int, report: Report) -> dict[str, int]:
    """Run the test in `folder`; the settings name its own temporary database and Redis."""
    with ExitStack() as stack:
        redis = RedisServer(urlsplit(settings.REDIS_URL).port or 0, folder)
        stack.enter_context(redis)
        call_command("migrate", verbosity=0)
        _activate_model(folder)
        source_records = _records(records)
        source = stack.enter_context(_fake_server(folder, source_records))
        workers = stack.enter_context(Workers(folder / "workers.log"))
        workers.start("metadata,images", 2)
        workers.start("embed", 1)
        report(f"{records} records; the picture host is {source.iiif_url}")
        _queue(source.base_url)
        faults: list[tuple[float, str, Callable[[], Any]]] = [
            (0.10, "a worker is killed", lambda: workers.kill("metadata,images", 2)),
            (0.25, "Redis restarts", redis.restart),
            (0.40, "Postgres restarts", _restart_postgres),
            (0.60, "another worker is killed", lambda: workers.kill("metadata,images", 2)),
        ]
        _watch(records, faults, report)
        account = _account(source_records, len(faults), report)
        if account["lost"] or account["duplicates"] or account["unnamed_failures"]:
            report((folder / "workers.log").read_text()[-8000:])
        return account


def _records(number: int) -> list[dict[str, Any]]:
    records = [artwork(0, n) for n in range(number)]
    for record in records:
        record["image_id"] = f"picture-{record['id']}"
        record["is_public_domain"] = True
    return records


def _fake_server(folder: Path, source_records: list[dict[str, Any]]) -> Replica:
    images = folder / "images"
    images.mkdir()
    for record in source_records:
        n = record["id"]
        color = (n * 37 % 256, n * 91 % 256, n * 53 % 256)
        Image.new("RGB", (60, 40), color).save(images / f"picture-{n}.jpg")
    whole = (images / "picture-3.jpg").read_bytes()
    (images / "picture-3.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (images / "picture-5.jpg").write_bytes(_huge_png())
    records = folder / "records.jsonl"
    records.write_text("".join(json.dumps(record) + "\n" for record in source_records))
    faults = Faults(latency=40, error_500=0.05, drop=0.02, html=0.03, forbidden=0.05, seed=2)
    return Replica([records], images=images, faults=faults)


def _huge_png() -> bytes:
    """Return a small PNG that declares 60,000 x 60,000 pixels, which would take 10 GB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", BOMB_SIDE_PIXELS, BOMB_SIDE_PIXELS, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def _activate_model(folder: Path) -> None:
    """Activate a tiny CLIP with random weights: its answers do not matter here."""
    words = ["a", "work", "of", "oil", "on", "canvas", "the", "painting", "print"]
    tiny_clip.write_checkpoint(folder / "tiny-clip", words=words, context_length=16)
    registry.activate(registry.register(str(folder / "tiny-clip")))


def _queue(base_url: str) -> None:
    """Start the run, as an operator does."""
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "ingest_artic"]
    options = ["--base-url", base_url, "--page-size", str(PAGE_SIZE), "--queue", "--json"]
    subprocess.run([*command, *options], check=True, capture_output=True, timeout=60)


def _restart_postgres() -> None:
    connection.close()
    data_dir = Path(settings.DATABASES["default"]["DATA_DIR"])
    server.stop(data_dir)
    server.host(data_dir)


def _watch(
    records: int, faults: list[tuple[float, str, Callable[[], Any]]], report: Report
) -> None:
    """Trigger each fault when its share of the pictures is stored; requeue lost steps, as beat
    does."""
    started, resent = time.monotonic(), 0.0
    remaining = list(faults)
    while time.monotonic() - started < DEADLINE_SECONDS:
        run = reconnect.outlasted(IngestRun.objects.get)
        if run.state != IngestRun.State.RUNNING:
            report(
                f"{time.monotonic() - started:5.1f} s  the run ended: {run.state}, {run.message}"
            )
            return
        if remaining and run.images >= remaining[0][0] * records:
            _, what, fault = remaining.pop(0)
            report(
                f"{time.monotonic() - started:5.1f} s  {what} ({run.images} pictures are stored)"
            )
            fault()
        if time.monotonic() - resent > 5:
            reconnect.outlasted(steps.resend)
            resent = time.monotonic()
        time.sleep(0.05)
    report("the run did not end in time")


def _account(source_records: list[dict[str, Any]], faults: int, report: Report) -> dict[str, int]:
    run = IngestRun.objects.get()
    works = Artwork.objects.filter(artic_id__in=[record["id"] for record in source_records])
    work_count = works.count()
    open_steps = run.steps.filter(state=IngestStep.State.OPEN).count()
    waiting = works.filter(image_status=ImageStatus.PENDING).count()
    named = run.failures.filter(resolved_at=None)
    images = named.filter(stage=IngestFailure.Stage.IMAGE).values("artic_id")
    unnamed = works.exclude(image_status=ImageStatus.STORED).exclude(artic_id__in=images)
    stored = works.filter(image_status=ImageStatus.STORED)
    unlike = stored.exclude(embeddings__kind="image", embeddings__source_hash=F("image_sha256"))
    no_vector = unlike.exclude(artic_id__in=named.filter(stage="embed").values("artic_id")).count()
    failed = run.failures.values("stage", "artic_id", "url").annotate(n=Count("pk"))
    duplicates = {
        "records": Artwork.objects.count() - work_count,
        "counted": max(0, run.seen - len(source_records)) + max(0, run.created - work_count),
        "pictures counted": max(0, run.images - stored.count()),
        "failures": sum(row["n"] - 1 for row in failed.filter(n__gt=1)),
        "vectors": duplicate_vectors(),
    }
    is_honest = run.state == IngestRun.State.PARTIAL or not run.failures.exists()
    for row in run.failures.values("stage", "reason").annotate(n=Count("pk")).order_by("-n"):
        report(f"{row['n']:4}x {row['stage']} {row['reason']}")
    report(
        f"{work_count} records, {stored.count()} pictures, {run.embedded} embedded; "
        f"duplicates: {duplicates}"
    )
    return {
        "records": work_count,
        "lost": len(source_records) - work_count + waiting + no_vector + open_steps,
        "duplicates": sum(duplicates.values()),
        "unnamed_failures": unnamed.exclude(image_status=ImageStatus.PENDING).count()
        + (0 if is_honest else 1),
    }


def duplicate_vectors() -> int:
    """Return the number of vectors beyond the first of each part of a work, model and kind."""
    keys = Embedding.objects.values("artwork", "model", "kind", "part").annotate(n=Count("pk"))
    return sum(row["n"] - 1 for row in keys.filter(n__gt=1))
