"""A site on a temporary database, to be overloaded, fuzzed and killed (see isolated.py)."""
# ruff: noqa: S603 - it starts our own programs only

import os
import shlex
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from itertools import islice, permutations, product
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from django.conf import settings
from django.core.management import call_command

from operations.benchmarks import collection
from operations.benchmarks.isolated import free_port
from search import encoders
from search.embeddings import hnsw_index, known_models, registry
from search.encoders import onnx_exporter

MEBIBYTE = 2**20
PATIENCE_SECONDS = 60.0  # for a server to answer
COLOURS = ("red", "blue", "green", "yellow", "black", "white")
THINGS = ("boat", "horse", "house", "apple", "bird", "tree", "woman", "sea")
QUERY_COUNT = 2_000  # different ones
GUNICORN_COMMAND = (
    "gunicorn museum.wsgi --bind 127.0.0.1:{port} --workers {workers} --log-level warning"
)
INSIDE_HELP = "(used by the command itself: the temporary folder)"


def fill(works: int) -> list[str]:
    """Fill the empty database with `works` made-up works, searched by the demo model.

    Returns queries in words that the model knows: incomplete answers are not cached.
    """
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    demo = registry.register(known_models.DEMO.name)
    onnx_exporter.ensure(encoders.get_encoder(demo), demo.name)
    checkpoint, fingerprint, dimension = demo.checkpoint, demo.fingerprint, demo.dimension
    demo.delete()
    made = collection.make(works, dimension=dimension)
    made.model.checkpoint, made.model.fingerprint = checkpoint, fingerprint
    made.model.save()
    hnsw_index.ensure(made.model)
    registry.activate(made.model)
    pairs = [" ".join(pair) for pair in product(COLOURS, THINGS)]
    return [" ".join(two) for two in islice(permutations(pairs, 2), QUERY_COUNT)]


class Web:
    """The site's web server, by default the Dockerfile's, in its own process group."""

    def __init__(
        self,
        folder: Path,
        workers: int = 2,
        ready: str = "/readyz",
        server: str = GUNICORN_COMMAND,
        **environment: str,
    ) -> None:
        self.ready, self.server = ready, server
        self.log, self.workers, self.environment = folder / "web.log", workers, environment
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        self.wait(self.ready)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start the server without waiting for it."""
        command = shlex.split(self.server.format(port=self.port, workers=self.workers))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=settings.BASE_DIR,
                env={**os.environ, "SITE_URL": f"http://127.0.0.1:{self.port}", **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self, path: str = "/readyz", status: int = 200) -> float:
        """Return the seconds until it answers `path` with `status`; raises `RuntimeError`."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_SECONDS:
            if self.status(path) == status:
                return time.monotonic() - began
            time.sleep(0.05)
        raise RuntimeError(f"{path} did not return {status}:\n{self.log.read_text()[-4000:]}")

    def status(self, path: str, timeout: float = 10.0) -> int:
        """Return the status of one answer; 0 if there is none."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            client.request("GET", path)
            return client.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            client.close()

    def kill(self) -> None:
        """SIGKILL the server with all its processes."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def children(self) -> list[psutil.Process]:
        """Return the processes that handle requests."""
        return psutil.Process(self.process.pid).children() if self.process else []

    def memory(self) -> float:
        """Return the MiB of all worker processes (PSS where the system reports it)."""
        infos = [each.memory_full_info() for each in self.children()]
        return sum(float(getattr(one, "pss", 0) or one.rss) for one in infos) / MEBIBYTE
