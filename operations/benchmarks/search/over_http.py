"""The site's web processes over the benchmark's database, and what visitors see of them."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import psutil
from django.conf import settings

from museum.core.database.url import database_url
from operations.benchmarks import collection
from search.embeddings import registry
from search.encoders import onnx_export
from search.models import EmbeddingModel

ARCHITECTURE = "ViT-B-32"  # the default model's; untrained weights cost the same
WORKERS = 2  # as the Dockerfile starts them; gunicorn.conf.py says the rest
CLIENTS = 16
QUERIES = 100  # different ones, again and again
NEW_QUERIES = 4_000  # more than are answered in the time, so that none is asked twice
SECONDS = 10.0  # of each measurement
PATIENCE = 60.0  # seconds for a first answer
STOPPING = 10.0  # seconds that a server has for it
MEBIBYTE = 2**20


def measure(
    made: collection.Collection, checkpoint: Path | None = None, seconds: float = SECONDS
) -> dict[str, Any]:
    """Return `http`, `worker_mb` and `cold_start_s` over the connected database.

    Its model becomes that of `checkpoint`, as wide as the collection's vectors, or an untrained
    ViT-B-32; it is exported for this. What a worker costs is said for either precision of the text
    tower, and the first figures are those of int8, which real models get where the gate passes.
    `http` is of searches asked again and again, whose answers are kept; `new` of others.
    """
    chance = np.random.default_rng(6)
    asked = [
        "/api/search?" + urlencode({"q": collection.phrase(chance, made.words, length)})
        for length in chance.integers(2, 6, QUERIES + NEW_QUERIES).tolist()
    ]
    asked, new = asked[:QUERIES], asked[QUERIES:]
    exported = activate(made.model, checkpoint)
    towers: dict[str, dict[str, float]] = {}
    for precision in (onnx_export.FP32, onnx_export.INT8):
        exported.facts["precision"][onnx_export.TEXT] = precision
        exported.save()
        with server(workers=1) as (process, port):
            cold_start = first_answer(process, port, asked[0])
            towers[precision] = {
                "worker_mb": _memory(process),
                "cold_start_s": round(cold_start, 2),
            }
    with server(workers=WORKERS) as (process, port):
        first_answer(process, port, asked[0])
        one_new = _ask(port, new[::2], 1, seconds)
        many_new = _ask(port, new[1::2], CLIENTS, seconds)
        _ask(port, asked, CLIENTS, seconds)  # until either worker knows all the queries
        one = _ask(port, asked, 1, seconds)
        many = _ask(port, asked, CLIENTS, seconds)
        memory = _memory(process)
    return {
        "http": {
            **_figures(one, many),
            "clients": CLIENTS,
            "workers": WORKERS,
            "new": _figures(one_new, many_new),
        },
        "worker_mb": memory,
        "cold_start_s": towers[onnx_export.INT8]["cold_start_s"],
        "towers": towers,
    }


def _figures(one: dict[str, Any], many: dict[str, Any]) -> dict[str, float]:
    """The time to an answer for one client alone; rate and slowest answers for many at once."""
    times = np.array(many["times"]) * 1000
    return {
        "rps": round(len(times) / many["seconds"], 1),
        "p50_ms": round(float(np.median(one["times"])) * 1000, 2),
        "p99_ms": round(float(np.percentile(times, 99)), 2),
        "errors": one["errors"] + many["errors"],
    }


def activate(model: EmbeddingModel, checkpoint: Path | None) -> onnx_export.Artifact:
    """Let `model` encode texts by `checkpoint` and answer searches; return its export."""
    # torch takes seconds to import and half a gigabyte
    from operations.benchmarks import untrained_encoder  # noqa: PLC0415
    from search import encoders  # noqa: PLC0415
    from search.encoders import onnx_exporter  # noqa: PLC0415

    folder = Path(settings.DATA_DIR) / "bench"
    settings.EXPORT_DIR = str(folder / "onnx")
    if checkpoint is None:
        checkpoint = folder / "untrained-vit-b-32"
        untrained_encoder.write(checkpoint, ARCHITECTURE)
    encoder = encoders.get_encoder(
        EmbeddingModel(name=model.name, checkpoint=str(checkpoint), dimension=model.dimension)
    )
    exported = onnx_exporter.ensure(encoder, model.name)
    model.checkpoint, model.fingerprint = str(checkpoint), encoder.fingerprint
    model.save()
    registry.activate(model)
    return exported


@contextmanager
def server(workers: int) -> Iterator[tuple[psutil.Process, int]]:
    """Start a web server as the Dockerfile does, and stop it with all its workers."""
    port = _free_port()
    environment = {
        **os.environ,
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(settings.DATA_DIR),
        "EXPORT_DIR": settings.EXPORT_DIR,
        "QUERY_ENCODER": "onnx",
        "REDIS_URL": "",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "THROTTLE_ANONYMOUS": "off",
    }
    command = [
        *(sys.executable, "-m", "gunicorn", "museum.wsgi", "--bind", f"127.0.0.1:{port}"),
        *("--workers", str(workers), "--log-level", "error"),
    ]
    with subprocess.Popen(  # noqa: S603 - our own server
        command, cwd=settings.BASE_DIR, env=environment
    ) as process:
        server = psutil.Process(process.pid)
        try:
            yield server, port
        finally:
            workers_ = server.children(recursive=True) if server.is_running() else []
            process.terminate()
            try:
                process.wait(STOPPING)
            except subprocess.TimeoutExpired:
                process.kill()
            for each in psutil.wait_procs(workers_, STOPPING)[1]:
                each.kill()


def first_answer(server: psutil.Process, port: int, path: str) -> float:
    """Return the seconds from the start of `server` to its first answer to `path`."""
    ends = time.time() + PATIENCE
    while time.time() < ends and server.is_running():
        client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            client.request("GET", path)
            response = client.getresponse()
            body = json.loads(response.read())
        except (ConnectionError, HTTPException):
            time.sleep(0.01)
            continue
        finally:
            client.close()
        if response.status != HTTPStatus.OK or body["warnings"]:
            said = body.get("warnings") or body
            raise RuntimeError(f"{path} was answered {response.status}: {said}")
        return time.time() - server.create_time()
    raise RuntimeError("The web server does not answer; what it says is above.")


def _ask(port: int, paths: Sequence[str], clients: int, seconds: float) -> dict[str, Any]:
    """Let `clients` ask from a process of their own; see `clients.py`."""
    job = {"port": port, "paths": list(paths), "clients": clients, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-m", "operations.benchmarks.search.http_clients"],
        cwd=settings.BASE_DIR,
        input=json.dumps(job),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    if not found["times"]:
        raise RuntimeError(f"None of {found['errors']} requests was answered.")
    return found


def _memory(server: psutil.Process) -> float:
    """Return the MiB of its largest worker; what several processes share counts in parts, where
    that is known."""
    known = [each.memory_full_info() for each in server.children()]
    most = max(getattr(memory, "pss", 0) or memory.rss for memory in known)
    return round(float(most) / MEBIBYTE, 1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
