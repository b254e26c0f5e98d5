"""A synthetic data dump: the archive that AIC publishes, with nothing real in it.

AIC's dump is 2.5 GB on disk, of which the artworks (one 4 KB block or two each) are 1 GB; the rest
are other endpoints' small files. A reader has to unpack those as well, so they are made here too.
The archive is many bzip2 streams one after the other, where AIC's is a single one: that is what
lets several processes make it. Both are sequences of 900 KB blocks, and cost the same to read.
"""

import bz2
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from ingest.sources.artic.dump import AIC_IIIF_URL, AIC_INFO
from operations.benchmarks.ingest.synthetic import words
from operations.benchmarks.ingest.synthetic.records import artwork

ROOT_FOLDER = "artic-api-data"
# So many files of other endpoints come with each artwork: 1.5 GB in blocks of 4 KB.
OTHER_FILES_A_WORK = 2.8
CHUNK_MEMBERS = 1000  # members in one bzip2 stream
_ENDPOINTS = ("agents", "images", "places")
_NOTICE = "Synthetic records, made for measuring. None of them is a real artwork."
_END = bytes(2 * tarfile.BLOCKSIZE)


class Chunk(NamedTuple):
    """Members `start` to `stop` of one endpoint."""

    endpoint: str
    start: int
    stop: int


def write(
    path: Path, records: int, *, seed: int = 0, others: float = OTHER_FILES_A_WORK
) -> Iterator[int]:
    """Write the archive; yields how many members are in it after each part.

    The same arguments give the same bytes, on however many cores. `others` is how many files of
    other endpoints come with each artwork.
    """
    chunks = list(_chunks(records, others))
    partial_path = path.with_name(f"{path.name}.partial")
    workers = min(os.cpu_count() or 1, len(chunks))
    # Not forked: the caller may have threads and database connections.
    with (
        partial_path.open("wb") as file,
        ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool,
    ):
        file.write(bz2.compress(_opening()))
        done = 0
        # A few chunks ahead only: all of them at once would be held in memory.
        for chunk, packed in _in_order(pool, partial(_pack, seed), chunks, 2 * workers):
            file.write(packed)
            done += chunk.stop - chunk.start
            yield done
        file.write(bz2.compress(_END))
    partial_path.replace(path)


def _chunks(records: int, others: float) -> Iterator[Chunk]:
    rest = round(records * others / len(_ENDPOINTS))
    counts = {"artworks": records, **dict.fromkeys(_ENDPOINTS, rest)}
    for endpoint, count in sorted(counts.items()):
        for start in range(0, count, CHUNK_MEMBERS):
            yield Chunk(endpoint, start, min(start + CHUNK_MEMBERS, count))


def _in_order(
    pool: ProcessPoolExecutor, work: Any, chunks: Iterable[Chunk], number: int
) -> Iterator[tuple[Chunk, bytes]]:
    """Results in the order of `chunks`, at most `number` of them under way."""
    rest = iter(chunks)
    waiting = [(chunk, pool.submit(work, chunk)) for chunk in islice(rest, number)]
    while waiting:
        chunk, result = waiting.pop(0)
        yield chunk, result.result()
        waiting += [(chunk, pool.submit(work, chunk)) for chunk in islice(rest, 1)]


def _pack(seed: int, chunk: Chunk) -> bytes:
    make = artwork if chunk.endpoint == "artworks" else partial(_other, chunk.endpoint)
    numbers = range(chunk.start, chunk.stop)
    files = ((f"{chunk.endpoint}/{number + 1}", make(seed, number)) for number in numbers)
    return bz2.compress(
        b"".join(_member(f"json/{name}.json", _json(value)) for name, value in files)
    )


def _opening() -> bytes:
    """What says of the rest what it is; first, so that a reader knows before the first record."""
    artworks = {**AIC_INFO, "license_text": _NOTICE, "generated": True}
    config = {"iiif_url": AIC_IIIF_URL, "website_url": "http://www.artic.edu"}
    return (
        _member("README.md", _NOTICE.encode())
        + _member("json/config.json", _json(config))
        + _member("json/info.json", _json({"artworks": artworks}))
        + _member("getting-started/allArtworks.jsonl", b'{"id": 1, "title": "Synthetic"}\n')
    )


def _other(endpoint: str, seed: int, number: int) -> dict[str, Any]:
    rng = Random(f"{seed}:{endpoint}:{number}")  # noqa: S311 - repeatable, not secret
    names = [" ".join(rng.sample(words.ADJECTIVES + words.SUBJECTS, 2)) for _ in range(6)]
    return {
        "id": number + 1,
        "api_model": endpoint,
        "api_link": f"https://api.artic.edu/api/v1/{endpoint}/{number + 1}",
        "title": names[0].title(),
        "alt_titles": names[1:4],
        "description": f"{_NOTICE} {' '.join(names)}",
        **{f"{word}_ids": [] for word in ("alt_artwork", "site", "section", "text", "category")},
        "artwork_ids": [rng.randint(1, 300_000) for _ in range(rng.randint(1, 12))],
        "suggest_autocomplete_all": {"input": [names[0]], "weight": rng.randint(1, 100_000)},
        "updated_at": "2026-01-01T00:00:00+00:00",
        "timestamp": "2026-01-01T00:00:00+00:00",
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=4).encode()  # as AIC writes it, \u escapes included


def _member(name: str, content: bytes) -> bytes:
    header = tarfile.TarInfo(f"{ROOT_FOLDER}/{name}")
    header.size = len(content)
    padding = bytes(-len(content) % tarfile.BLOCKSIZE)
    return header.tobuf(tarfile.GNU_FORMAT) + content + padding
