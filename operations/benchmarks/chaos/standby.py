"""A streaming replica of the embedded server, on the same machine: for trials and tests."""
# ruff: noqa: S603 - it starts PostgreSQL's own programs only

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from museum.core.database.embedded import server

PATIENCE_SECONDS = 60.0  # for it to answer


class Standby:
    """A streaming copy in `folder` of the primary whose socket is in `primary`."""

    def __init__(self, primary: str, folder: Path) -> None:
        self.primary, self.folder = primary, folder
        self.data = folder / "standby"
        self.process: subprocess.Popen[bytes] | None = None
        owner = Path(primary).stat()
        # PostgreSQL refuses to run as root; the primary runs as the owner of its folder.
        self.user: dict[str, Any] = {"user": owner.st_uid} if os.geteuid() == 0 else {}
        self.owner = owner.st_uid

    def __enter__(self) -> Self:
        source = f"host={self.primary} user=postgres dbname=postgres"
        self._program(
            "pg_basebackup", "--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream",
            f"--pgdata={self.data}", f"--dbname={source}",
        )  # fmt: skip
        if self.user:
            shutil.chown(self.folder, self.owner)
            for found in self.folder.rglob("*"):
                shutil.chown(found, self.owner)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start the standby, and wait until it answers."""
        with (self.folder / "standby.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    str(server.binaries() / "postgres"), "-D", str(self.data),
                    "-k", str(self.folder), "-c", "listen_addresses=",
                    "-c", "hot_standby_feedback=on",
                ],
                stdout=log, stderr=log, cwd=self.folder, **self.user,
            )  # fmt: skip
        ends = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                psycopg.connect(self.address("postgres")).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        """Kill the standby, as a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            self.process = None

    def address(self, name: str) -> str:
        """Return the URL of one of its databases."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def _program(self, name: str, *arguments: str) -> None:
        subprocess.run([str(server.binaries() / name), *arguments], check=True, capture_output=True)
