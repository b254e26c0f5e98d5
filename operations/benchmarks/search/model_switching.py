"""Searches over HTTP while the model that answers them is switched back and forth.

The answers of both models are recorded first, without switching. From then on every answer must be
exactly that of the model it names, its next page must be by the same model, and a search that
begins after a switch must be answered by the new model, in whichever process.
"""

import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from ingest.sample.records import write_collection
from ingest.sources.artic.fake_server import Replica
from museum.core.database import temporary
from museum.models import Artwork
from operations.benchmarks import untrained_encoder
from operations.benchmarks.search import over_http
from search import tasks
from search.embeddings import activation, known_models, registry
from search.models import EmbeddingModel

ACTIVATION_DATABASE = "ekphrasis_activation"
CLIENTS = 6
SWITCH_PAUSE_SECONDS = 0.2  # seconds between two switches
PAGE_SIZE = 6  # works a page
TIMEOUT_SECONDS = 60.0  # seconds
QUERIES = (
    "a red boat on the sea", "a horse in the snow", "a bowl of apples on a table", "two boats",
    "a woman with a hat", "a blue house", "mountains at sunset", "a quiet room with a window",
    "a cat", "yellow flowers in a vase", "a tree under a cloudy sky", "stripes and circles",
)  # fmt: skip


@dataclass
class Tally:
    """The outcomes of one client's searches."""

    searches: int = 0
    errors: int = 0
    mixed: int = 0
    late: int = 0
    by_model: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.searches + other.searches,
            self.errors + other.errors,
            self.mixed + other.mixed,
            self.late + other.late,
            self.by_model + other.by_model,
        )


class Visitors:
    """Clients that search until stopped, and compare the answers with the expected ones."""

    def __init__(self, port: int, paths: list[str]) -> None:
        self.port = port
        self.paths = paths
        # Answers by the model's fingerprint and the path; "+" is the next page.
        self.expected: dict[tuple[str, str], Any] = {}
        # The number of switches and the active model; None during a switch.
        self.active: tuple[int, EmbeddingModel] | None = None
        self.tallies: list[Tally] = []
        self._stop = threading.Event()

    def record(self, model: EmbeddingModel) -> None:
        """Record the answers of `model`, which must be active."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        for path in self.paths:
            body = _get(client, path)
            if body is None or body["model"]["fingerprint"] != model.fingerprint:
                raise RuntimeError(f"{path} is not answered by {model}: {body}")
            self.expected[model.fingerprint, path] = _comparable(body)
            if following := body.get("next"):
                self.expected[model.fingerprint, path + "+"] = _comparable(_get(client, following))
        client.close()

    @property
    def distinct(self) -> int:
        """The number of paths that the models answer differently: only these can show a mixture."""
        answers: dict[str, list[Any]] = {}
        for (_, path), body in self.expected.items():
            answers.setdefault(path, []).append(body)
        return sum(len(bodies) > 1 and bodies[0] != bodies[1] for bodies in answers.values())

    @contextmanager
    def searching(self) -> Iterator[None]:
        """Search with all clients within the block."""
        threads = [threading.Thread(target=self._search, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _search(self, number: int) -> None:
        tally = Tally()
        self.tallies.append(tally)
        client = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        for path in cycle(self.paths[number:] + self.paths[:number]):
            if self._stop.is_set():
                break
            before = self.active
            body = _get(client, path)
            tally.searches += 1
            if body is None:
                tally.errors += 1
                continue
            model = body["model"]["fingerprint"]
            tally.by_model[body["model"]["name"]] += 1
            tally.mixed += self.expected.get((model, path)) != _comparable(body)
            # The number shows whether the model was switched away and back meanwhile.
            if before is not None and before == self.active:
                tally.late += before[1].fingerprint != model
            if following := body.get("next"):
                next_page = _get(client, following)
                tally.searches += 1
                tally.errors += next_page is None
                if next_page is not None:
                    tally.mixed += self.expected.get((model, path + "+")) != _comparable(next_page)
        client.close()


def measure(works: int, seconds: float, folder: Path) -> dict[str, Any]:
    """Return the counts of searches, errors, mixed answers, switches and late answers.

    A late answer is by the old model though its search began after the switch. The sample museum of
    `works` works has a temporary database and `folder`.
    """
    kept = override_settings(MEDIA_ROOT=folder / "media", EXPORT_DIR=str(folder / "onnx"))
    with kept, temporary.own_database(name=ACTIVATION_DATABASE):
        models = _museum(works, folder)
        ids = Artwork.objects.order_by("pk").values_list("artic_id", flat=True)[:8]
        paths = ["/api/search?" + urlencode({"q": q, "limit": PAGE_SIZE}) for q in QUERIES]
        paths += [f"/api/artworks/{each}/similar?limit={PAGE_SIZE}" for each in ids]
        with over_http.server(workers=over_http.WORKERS) as (process, port):
            over_http.first_answer(process, port, paths[0])
            return _switch(Visitors(port, paths), models, seconds)


def _switch(
    visitors: Visitors, models: tuple[EmbeddingModel, EmbeddingModel], seconds: float
) -> dict[str, Any]:
    for model in models:
        activation.activate(model, force=True)
        visitors.record(model)
    switches, turns = 0, cycle(models)
    started = time.perf_counter()
    with visitors.searching():
        while time.perf_counter() - started < seconds:
            # The whole command one time, the way back the other.
            model = next(turns)
            visitors.active = None
            if switches % 2:
                activation.rollback()
            else:
                activation.activate(model, force=True)
            switches += 1
            visitors.active = switches, model
            time.sleep(SWITCH_PAUSE_SECONDS)
    total = sum(visitors.tallies, Tally())
    return {
        "searches": total.searches,
        "errors": total.errors,
        "mixed_model_answers": total.mixed,
        "switches": switches,
        "late_answers": total.late,
        "answers": dict(total.by_model),
        "told_apart": f"{visitors.distinct} of {len(visitors.expected) // 2}",
        "workers": over_http.WORKERS,
        "clients": CLIENTS,
    }


def _museum(works: int, folder: Path) -> tuple[EmbeddingModel, EmbeddingModel]:
    """Load a sample museum; return its model, and one of the same shape with random weights."""
    write_collection(folder / "sample", count=works)
    records, images = folder / "sample" / "records.jsonl", folder / "sample" / "images"
    with Replica([records], images=images) as replica:
        call_command("ingest_artic", base_url=replica.base_url)
    trained = registry.named(known_models.DEMO.name)
    source = Path(settings.BASE_DIR, trained.checkpoint)
    config = json.loads((source / "open_clip_config.json").read_text())
    untrained_encoder.write_config(folder / "untrained", config)
    shutil.copy(source / "vocab.json", folder / "untrained")
    other = registry.register(str(folder / "untrained"))
    registry.mark_embedding(other)
    tasks.embed_artworks(list(Artwork.objects.values_list("pk", flat=True)), other.pk)
    tasks.build_indexes(other.pk)
    return trained, other


def _get(client: HTTPConnection, address: str) -> Any:
    """Return the JSON of the answer; None if there is none with status 200."""
    parts = urlsplit(address)
    try:
        client.request("GET", f"{parts.path}?{parts.query}")
        response = client.getresponse()
        body = response.read()
    except (OSError, HTTPException):
        client.close()
        return None
    return json.loads(body) if response.status == HTTPStatus.OK else None


def _comparable(body: Any) -> Any:
    """Return the parts of an answer that depend on the model only."""
    return {name: body.get(name) for name in ("model", "count", "warnings", "results")}
