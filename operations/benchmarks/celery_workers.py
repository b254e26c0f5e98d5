"""Celery workers for trials, which can be killed and started again."""
# ruff: noqa: S603 - it starts our own program only

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings


class Workers:
    """Celery workers, each a main process with children; one that is killed is started again."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log, self.environment = log, environment
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for worker in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    def start(self, queues: str, processes: int) -> None:
        """Start a worker for these queues, in a process group of its own."""
        command = [sys.executable, "-m", "celery", "-A", "museum", "worker"]
        with self.log.open("ab") as log:
            self.running[queues] = subprocess.Popen(
                [*command, "-Q", queues, "-c", str(processes), "-n", f"{queues}@fault-test"],
                cwd=settings.BASE_DIR,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, queues: str, processes: int) -> None:
        """SIGKILL the worker with all its processes at once, and start another in its place."""
        worker = self.running[queues]
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.start(queues, processes)
