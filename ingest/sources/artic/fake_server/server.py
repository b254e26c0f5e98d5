"""The fake server's HTTP: sockets, faults, pictures, and a log of the requests."""

import contextlib
import json
import re
import socket
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from PIL import Image

from ingest.sources.artic.fake_server import pictures
from ingest.sources.artic.fake_server.api import Api, ApiError, RateLimit, not_found
from ingest.sources.artic.fake_server.catalog import Catalog
from ingest.sources.artic.fake_server.faults import HTML_PAGE, Faults

API = "/api/v1"
IIIF = "/iiif/2"
SEARCH_DEPTH = 1000  # what guests get; the documentation says 10,000


@dataclass(frozen=True)
class Request:
    """One answered request; times are seconds of `time.monotonic()`."""

    path: str
    kind: str  # "api" or "picture"
    status: int  # 0: the connection was dropped on purpose
    started: float
    ended: float
    agent: str


class FakeServer:
    """AIC's API under `/api/v1` and its pictures under `/iiif/2`, over local files.

    Use as a context manager; `base_url` is the API's address, and `log` holds the requests so far.
    `port` 0 takes any free port. `rate_limit` is requests a minute to the API (0: no limit), and
    `rate_window` what a minute is, in seconds, so that tests need not wait one.
    """

    def __init__(
        self,
        records: Iterable[Path | str],
        *,
        images: Path | str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        rate_limit: int = 0,
        rate_window: float = 60.0,
        search_depth: int = SEARCH_DEPTH,
        faults: Faults | None = None,
    ) -> None:
        self.catalog = Catalog(Path(path) for path in records)
        self.images = Path(images) if images else None
        self.faults = faults or Faults()
        self.log: list[Request] = []
        self.server = _Server((host, port), self)
        name = f"[{host}]" if ":" in host else host
        self.root = f"http://{name}:{self.server.server_address[1]}"
        self.base_url, self.iiif_url = self.root + API, self.root + IIIF
        self.api = Api(
            self.catalog,
            base_url=self.base_url,
            iiif_url=self.iiif_url,
            limit=RateLimit(rate_limit, rate_window),
            search_depth=search_depth,
        )

    def serve_forever(self) -> None:
        """Answer until `close()` is called from another thread."""
        self.server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], fake_server: FakeServer) -> None:
        self.fake_server = fake_server
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that was killed is no error of this server.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "artic-fake-server"
    timeout = 60
    # A small answer must not wait for the acknowledgement of its headers.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        started = time.monotonic()
        url = urlsplit(self.path)
        kind = "picture" if url.path.startswith(IIIF) else "api"
        fake_server = self.server.fake_server
        if fake_server.faults.latency:
            time.sleep(fake_server.faults.latency / 1000)
        fault = fake_server.faults.draw(self.path)
        status, content_type, body, headers = self._respond(kind, url.path, url.query, fault)
        agent = self.headers.get("AIC-User-Agent", "")
        logged = 0 if fault in {"drop", "cut"} else status
        # Logged before it is sent, so that whoever has the answer also finds it in the log.
        entry = Request(self.path, kind, logged, started, time.monotonic(), agent)
        fake_server.log.append(entry)
        if fault == "drop":
            self._hang_up()
            return
        self._send(status, content_type, body, headers, cut=fault == "cut")

    def _respond(
        self, kind: str, path: str, query: str, fault: str | None
    ) -> tuple[int, str, bytes, dict[str, str]]:
        if fault == "html":
            return 200, "text/html; charset=utf-8", HTML_PAGE, {}
        try:
            if fault == "500":
                raise ApiError(500, "Internal Server Error", "Injected by the fake server.")
            if kind == "picture":
                content_type, body = self._picture(path)
                return 200, content_type, body, {}
            if not path.startswith(API + "/"):
                raise not_found()
            answer = self.server.fake_server.api.answer(path.removeprefix(API), parse_qs(query))
            return 200, "application/json", _json(answer), {}
        except ApiError as refusal:
            if kind == "picture" and refusal.status == 403:
                return 403, "text/html; charset=utf-8", HTML_PAGE, {}
            error = {
                "status": refusal.status,
                "error": refusal.error,
                "detail": refusal.detail,
            }
            headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
            return refusal.status, "application/json", _json(error), headers

    def _picture(self, path: str) -> tuple[str, bytes]:
        fake_server = self.server.fake_server
        match = re.fullmatch(
            IIIF + r"/([^/]+)/(?:(info\.json)|([^/]+)/([^/]+)/0/default\.jpg)", path
        )
        if not match:
            raise not_found()
        if fake_server.faults.forbids(match[1]):
            raise ApiError(403, "Forbidden", "This picture is refused.")
        file = pictures.find(fake_server.images, match[1])
        if file is None:
            raise not_found()
        if match[2]:
            address = f"{fake_server.iiif_url}/{match[1]}"
            return "application/json", _json(pictures.info(file, address))
        try:
            return "image/jpeg", pictures.render(file, match[3], match[4])
        except pictures.PictureRequestError as error:
            raise ApiError(400, "Bad Request", str(error)) from error
        except (OSError, Image.DecompressionBombError):
            # A file that is no picture goes out as it is: clients must cope with such.
            return "image/jpeg", file.read_bytes()

    def _send(
        self, status: int, content_type: str, body: bytes, headers: dict[str, str], *, cut: bool
    ) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Access-Control-Allow-Origin", "*")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
            self.wfile.flush()
        except OSError:
            self.close_connection = True  # the client went away
        if cut:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):  # the client was first
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args: Any) -> None:
        """Print nothing: `FakeServer.log` keeps the requests."""


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
