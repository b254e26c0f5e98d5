"""Searches over HTTP: the site's web processes on the benchmark's database, and their visitors."""

import json
import os
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
from operations.benchmarks import collection, untrained_encoder
from operations.benchmarks.isolated import free_port
from operations.benchmarks.load.run import Answers, ask
from search import encoders
from search.embeddings import registry
from search.encoders import onnx_export
from search.models import EmbeddingModel

ARCHITECTURE = "ViT-B-32"  # the default model's; untrained weights cost the same
WORKERS = 2  # as the Dockerfile starts them; gunicorn.conf.py says the rest
CLIENTS = 16
REPEATED_QUERIES = 100  # distinct, asked repeatedly
NEW_QUERIES = 4_000  # more than are answered in time, so that none is repeated
MEASUREMENT_SECONDS = 10.0  # of each measurement
PATIENCE_SECONDS = 60.0  # for a first answer
STOP_SECONDS = 10.0  # for a server to stop
MEBIBYTE = 2**20


def measure(
    made: collection.Collection,
    checkpoint: Path | None = None,
    seconds: float = MEASUREMENT_SECONDS,
) -> dict[str, Any]:
    """Return `http`, `worker_mb` and `cold_start_s` on the connected database.

    The collection's model gets `checkpoint`, of the same dimension as its vectors, or an untrained
    ViT-B-32, which is exported for this. `towers` has the costs of a worker for both precisions of
    the text tower; `worker_mb` and `cold_start_s` are those of int8, which real models use if they
    pass the gate. `http` measures repeated searches, whose answers are cached; `new` the others.
    """
    chance = np.random.default_rng(6)
    paths = [
        "/api/search?" + urlencode({"q": collection.phrase(chance, made.words, length)})
        for length in chance.integers(2, 6, REPEATED_QUERIES + NEW_QUERIES).tolist()
    ]
    repeated, new = paths[:REPEATED_QUERIES], paths[REPEATED_QUERIES:]
    exported = activate(made.model, checkpoint)
    towers: dict[str, dict[str, float]] = {}
    for precision in (onnx_export.FP32, onnx_export.INT8):
        exported.facts["precision"][onnx_export.TEXT] = precision
        exported.save()
        with server(workers=1) as (process, port):
            cold_start = first_answer(process, port, repeated[0])
            towers[precision] = {
                "worker_mb": _memory(process),
                "cold_start_s": round(cold_start, 2),
            }
    with server(workers=WORKERS) as (process, port):
        first_answer(process, port, repeated[0])
        one_new = _ask(port, new[::2], 1, seconds)
        many_new = _ask(port, new[1::2], CLIENTS, seconds)
        _ask(port, repeated, CLIENTS, seconds)  # until both workers have cached all queries
        one = _ask(port, repeated, 1, seconds)
        many = _ask(port, repeated, CLIENTS, seconds)
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


def _figures(one: Answers, many: Answers) -> dict[str, float]:
    """Return the latency of one client alone, and throughput and p99 of many at once."""
    times = np.array(many.times) * 1000
    return {
        "rps": round(many.rps, 1),
        "p50_ms": round(float(np.median(one.times)) * 1000, 2),
        "p99_ms": round(float(np.percentile(times, 99)), 2),
        "errors": one.errors + one.shed + many.errors + many.shed,
    }


def activate(model: EmbeddingModel, checkpoint: Path | None) -> onnx_export.Artifact:
    """Let `model` encode texts with `checkpoint` and activate it; return its export."""
    # onnx_exporter imports torch, which takes seconds and half a gigabyte.
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
    port = free_port()
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
            worker_processes = server.children(recursive=True) if server.is_running() else []
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            for each in psutil.wait_procs(worker_processes, STOP_SECONDS)[1]:
                each.kill()


def first_answer(server: psutil.Process, port: int, path: str) -> float:
    """Return the seconds from the start of `server` to its first answer to `path`."""
    ends = time.time() + PATIENCE_SECONDS
    while time.time() < ends and server.is_running():
        client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
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
            reason = body.get("warnings") or body
            raise RuntimeError(f"{path} was answered {response.status}: {reason}")
        return time.time() - server.create_time()
    raise RuntimeError("The web server does not answer; its output is above.")


def _ask(port: int, paths: Sequence[str], clients: int, seconds: float) -> Answers:
    answers = ask(port, paths, clients, seconds)
    if not answers.times:
        raise RuntimeError(f"None of {answers.errors + answers.shed} requests was answered.")
    return answers


def _memory(server: psutil.Process) -> float:
    """Return the MiB of its largest worker (PSS where the system reports it)."""
    infos = [each.memory_full_info() for each in server.children()]
    largest = max(getattr(memory, "pss", 0) or memory.rss for memory in infos)
    return round(float(largest) / MEBIBYTE, 1)
