"""Pictures in an S3-compatible store: a small server of our own speaks its protocol."""

import hashlib
import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.storage import storages
from django.test import override_settings
from PIL import Image

from museum.images import storage


class Store(BaseHTTPRequestHandler):
    """PUT, GET, HEAD and DELETE of objects."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes] = {}

    def do_PUT(self) -> None:
        self.objects[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200)

    def do_GET(self) -> None:
        found = self.objects.get(self.path)
        self._answer(404 if found is None else 200, found or b"")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.objects.pop(self.path, None)
        self._answer(204)

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def bucket(monkeypatch) -> Iterator[dict[str, bytes]]:
    Store.objects = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    options = {
        "bucket_name": "museum",
        "endpoint_url": f"http://127.0.0.1:{server.server_port}",
        "region_name": "eu-central-1",
    }
    store = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    with override_settings(STORAGES={**storages.backends, "default": store}):
        yield Store.objects
    server.shutdown()
    server.server_close()


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


def test_what_is_kept_comes_back_and_is_kept_once(bucket):
    name = storage.store(png("red"))
    assert bucket == {f"/museum/{storage.path(name)}": png("red")}
    assert storage.read(name) == png("red")
    assert storage.store(png("red")) == name
    assert storage.store(png("blue")) != name
    assert len(bucket) == 2


def test_a_lost_object_is_told_as_a_lost_file(bucket):
    with pytest.raises(FileNotFoundError):
        storage.read("0" * 64)
