"""A scaled site on one machine: proxy, two Postgres servers, Redis, web, workers and beat."""
# ruff: noqa: S603 - it starts our own programs only

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import psutil
from django.conf import settings
from django.db import connection

from museum.core.database.embedded import server
from operations.benchmarks.celery_workers import Workers
from operations.benchmarks.chaos.clock import Clock
from operations.benchmarks.chaos.proxy import Proxy
from operations.benchmarks.chaos.standby import Standby
from operations.benchmarks.disposable_site import Web
from operations.benchmarks.redis_server import RedisServer

QUEUES = {"metadata,images": 2, "embed": 1}


class Stack:
    """All processes are real. `folder` has the site's data; `aside` has logs and the replica.

    This process connects to Postgres directly, the site through `proxy`.
    """

    def __init__(self, folder: Path, aside: Path) -> None:
        self.folder, self.aside = folder, aside
        self.clock = Clock(aside)
        self.redis = RedisServer(urlsplit(settings.REDIS_URL).port or 0, aside)
        primary = str(connection.get_connection_params()["host"])
        name = str(connection.settings_dict["NAME"])
        self.proxy = Proxy(f"{primary}/.s.PGSQL.5432")
        (aside / "replica").mkdir()
        self.replica = Standby(primary, aside / "replica")
        self.environment = {
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{self.proxy.port}/{name}",
            "DATABASE_REPLICA_URL": self.replica.address(name),
        }
        self.web = Web(aside, 2, "/readyz", **self.environment)
        self.workers = Workers(aside / "workers.log", **self.environment)
        self._beat: subprocess.Popen[bytes] | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for part in (self.redis, self.proxy, self.replica, self.web, self.workers):
                stack.enter_context(part)
            self.start_workers()
            stack.callback(self.kill_beat)
            self.start_beat()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stack.close()

    def start_workers(self) -> None:
        """Start a worker for each of `QUEUES`."""
        for queues, processes in QUEUES.items():
            self.workers.start(queues, processes)

    def start_beat(self) -> None:
        """Start Celery beat, which requeues lost steps every minute."""
        command = [sys.executable, "-m", "celery", "-A", "museum", "beat", "--pidfile="]
        with (self.aside / "beat.log").open("ab") as log:
            self._beat = subprocess.Popen(
                [*command, "--schedule", str(self.aside / "beat-schedule")],
                cwd=settings.BASE_DIR,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill_beat(self) -> None:
        """SIGKILL beat without starting another."""
        if self._beat is not None:
            os.killpg(self._beat.pid, signal.SIGKILL)
            self._beat.wait()
            self._beat = None

    def kill_postgres(self) -> None:
        """SIGKILL the primary with all its processes, as a power cut does."""
        connection.close()
        place = Path(str(settings.DATABASES["default"]["DATA_DIR"]))
        server = psutil.Process(int((place / "postmaster.pid").read_text().split()[0]))
        processes = [server, *server.children()]
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=30)

    def start_postgres(self) -> None:
        """Start the primary again; it recovers by itself."""
        server.host(Path(str(settings.DATABASES["default"]["DATA_DIR"])))

    def move_to_clock(self) -> None:
        """Restart web, workers and beat under a clock that can jump."""
        for part in (self.web, self.workers):
            part.environment = part.environment | self.clock.environment
        self.environment |= self.clock.environment
        self.web.kill()
        self.kill_beat()
        for queues, processes in QUEUES.items():
            self.workers.kill(queues, processes)
        self.web.start()
        self.start_beat()
        self.web.wait()
