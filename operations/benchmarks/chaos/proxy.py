"""A TCP proxy in front of Postgres that can delay messages."""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

CHUNK_BYTES = 65536


class Proxy:
    """Listen on a port of this machine, and delay each message to the server by `delay` seconds."""

    def __init__(self, server: str) -> None:
        self.server = server  # a Unix socket
        self.delay = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(self.server)
                except OSError:  # the server is down: close the client's connection at once
                    client.close()
                    continue
                for one, other, is_slow in ((client, server, True), (server, client, False)):
                    job = (one, other, is_slow)
                    threading.Thread(target=self._pump, args=job, daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, is_slow: bool) -> None:
        with suppress(OSError):
            while data := one.recv(CHUNK_BYTES):
                if is_slow and self.delay:
                    time.sleep(self.delay)
                other.sendall(data)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
