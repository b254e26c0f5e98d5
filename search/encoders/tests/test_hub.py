"""Weights come from the hub once, and from our cache ever after, without asking the hub."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WEIGHTS = b"weights of a small model"
COMMIT = "0" * 39 + "1"


class Hub(BaseHTTPRequestHandler):
    """A model hub with one repository, org/tiny, that has one file, in the older format only."""

    def do_HEAD(self):
        self._answer()

    def do_GET(self):
        self._answer()
        if self.path.endswith(".bin"):
            self.wfile.write(WEIGHTS)

    def _answer(self):
        self.server.asked.append(f"{self.command} {self.path}")
        if self.path.startswith("/org/tiny/") and self.path.endswith(
            "/open_clip_pytorch_model.bin"
        ):
            self.send_response(200)
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
        self.send_header("ETag", '"1234"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(WEIGHTS) if "bin" in self.path else 0))
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def hub():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def fetch(tmp_path: Path, endpoint: str, hf_hub: str = "org/tiny/") -> str:
    code = (
        "import sys; from search.encoders.hub import HubError, weights\n"
        "try:\n"
        f"    print(weights({{'hf_hub': {hf_hub!r}}}, {str(tmp_path / 'cache')!r}))\n"
        "except HubError as error:\n"
        "    print('HubError', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_weights_are_downloaded_once_and_need_no_hub_afterwards(hub, tmp_path):
    endpoint = f"http://127.0.0.1:{hub.server_port}"
    path = Path(fetch(tmp_path, endpoint))
    assert path.read_bytes() == WEIGHTS
    assert path.is_relative_to(tmp_path / "cache")
    asked = len(hub.asked)
    assert Path(fetch(tmp_path, endpoint)) == path
    assert len(hub.asked) == asked, json.dumps(hub.asked)


def test_a_repository_without_the_file_is_an_error(hub, tmp_path):
    said = fetch(tmp_path, f"http://127.0.0.1:{hub.server_port}", "org/other/model.bin")
    assert said.startswith("HubError 404")
