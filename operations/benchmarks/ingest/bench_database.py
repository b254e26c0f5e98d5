"""The temporary database of `bench_ingest`, its measured commands, and a small museum."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
from django.conf import settings
from django.db import connection
from PIL import Image
from psycopg import sql

from museum.core.database.url import database_url
from operations.benchmarks.ingest.synthetic import records

MEBIBYTE = 2**20
STOP_SECONDS = 10.0  # for a command to stop
SAMPLE_INTERVAL_SECONDS = 0.1  # between two samples of a process's memory
_WRITES = """
    SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables
    WHERE relname LIKE 'museum\\_%' OR relname LIKE 'search\\_%'
"""


class BenchDatabase:
    """A database beside the configured one, and `manage.py` commands that use it."""

    def __init__(self, name: str, folder: Path) -> None:
        params = connection.get_connection_params()
        self._login = {
            key: params[key] for key in ("host", "port", "user", "password") if params.get(key)
        }
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(name),
            "DATA_DIR": str(folder),
            "QUERY_ENCODER": "torch",  # nobody searches here, so nothing is exported
            "REDIS_URL": "",
        }
        self._name = name

    def execute(self, query: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run one statement in the benchmark's database, or in another; return its rows."""
        with psycopg.connect(
            **self._login, dbname=database or self._name, autocommit=True
        ) as session:
            cursor = session.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def created(self) -> Iterator[None]:
        """Create and migrate the database, and drop it at the end."""
        ours = str(connection.settings_dict["NAME"])
        name = sql.Identifier(self._name)
        template = connection.settings_dict.get("TEST", {}).get("TEMPLATE")
        make = sql.SQL("CREATE DATABASE {}").format(name)
        if template:
            make += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name)
        self.execute(drop.as_string(), ours)
        try:
            self.execute(make.as_string(), ours)
            self.manage("migrate", "--verbosity", "0")
            yield
        finally:
            self.execute(drop.as_string(), ours)

    def manage(self, *arguments: str) -> "FinishedCommand":
        """Run a command to its end; raise `RuntimeError` with its output if it fails."""
        started = time.monotonic()
        with self.running(*arguments) as process, _peak_memory(process.pid) as peak:
            output, errors = process.communicate()
        if process.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed: {errors or output}")
        return FinishedCommand(output, time.monotonic() - started, peak[0] / MEBIBYTE)

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Start a command, and stop it at the end of the block if it still runs."""
        with subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.terminate()
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()

    def writes(self) -> int:
        """Return the number of rows of the collection that were ever written."""
        return int(self.execute(_WRITES)[0][0])


class FinishedCommand:
    """The output of a command, its seconds, and its peak memory including its children."""

    def __init__(self, output: str, seconds: float, peak_mb: float) -> None:
        self.output, self.seconds, self.peak_mb = output, seconds, peak_mb

    def json(self) -> dict[str, Any]:
        """Return the last line of the output."""
        line: dict[str, Any] = json.loads(self.output.splitlines()[-1])
        return line


@contextmanager
def _peak_memory(pid: int) -> Iterator[list[int]]:
    """Sample the resident memory of a process and its children; yield a list with the largest
    sum."""
    peak, ended = [0], threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_INTERVAL_SECONDS):
            peak[0] = max(peak[0], _memory(pid))

    watcher = threading.Thread(target=sample, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def _memory(pid: int) -> int:
    total = 0
    try:
        process = psutil.Process(pid)
        for each in [process, *process.children(recursive=True)]:
            total += each.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total


def write_museum(folder: Path, number: int) -> Path:
    """Write `number` records without texts, each with a picture 400 pixels wide."""
    images, rng = folder / "images", random.Random(1)  # noqa: S311 - repeatable, not secret
    images.mkdir(parents=True, exist_ok=True)
    # Blurred noise: as hard to decode as a photograph.
    noise = [
        Image.effect_noise((100, 75), 90).resize((400, 300), Image.Resampling.BICUBIC)
        for _ in range(12)
    ]
    with (folder / "records.jsonl").open("w") as lines:
        for count in range(number):
            record = records.artwork(0, count) | {
                "is_public_domain": True,
                "image_id": f"bench-{count}",
                "description": None,
                "short_description": None,
                "thumbnail": None,
            }
            lines.write(json.dumps(record) + "\n")
            file = images / f"bench-{count}.jpg"
            if not file.is_file():
                Image.merge("RGB", rng.sample(noise, 3)).save(file, "JPEG", quality=88)
    return folder / "records.jsonl"
