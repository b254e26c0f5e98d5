"""How gunicorn serves the site: read by `gunicorn museum.wsgi` in this folder.

Options on the command line, and GUNICORN_CMD_ARGS, come before what is said here.
"""

import ctypes
import gc
import os
import shutil
import tempfile
import threading
from contextlib import suppress
from typing import Any

# Before any metric is made: each process writes its own files there, and /metrics adds them up.
_own_folder = "" if "PROMETHEUS_MULTIPROC_DIR" in os.environ else tempfile.mkdtemp("-ekphrasis")
if _own_folder:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _own_folder

# glibc gives each thread a heap of its own, raises by itself what it counts as large, and hardly
# hands any of it back. Two heaps do for as many as work at once, and what is large goes back as it
# ends: memory stays level. Other C libraries have no such call.
_MALLOC = {
    "M_ARENA_MAX": (-8, 2),
    "M_MMAP_THRESHOLD": (-3, 128 * 1024),
    "M_TRIM_THRESHOLD": (-1, 128 * 1024),
}
with suppress(OSError, AttributeError):
    for _option in _MALLOC.values():
        ctypes.CDLL(None).mallopt(*_option)

bind = "127.0.0.1:8000"
# As many as work and wait (museum/core/http/load_shedding.py), and some that say no to the rest.
threads = 4 + sum(
    int(os.environ.get(name, default))
    for name, default in (("REQUESTS_AT_ONCE", "4"), ("REQUESTS_WAITING", "16"))
)
# Memory stays level (docs/operations.md); should anything leak all the same, a worker is begun anew
# before that is much. Not all of them at once.
max_requests = 500_000
max_requests_jitter = 50_000
# Seconds that a connection stays open between two requests: longer than proxies keep theirs, or
# they would ask over one that is just being closed.
keepalive = 75
# The longest address that a search can have; a longer one is answered 400.
limit_request_line = 8190
# Nobody steers it by a socket in the home folder, which a container does not have.
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Load, beside the first requests, what a search needs: a model takes seconds."""
    threading.Thread(target=_warm, name="warming", daemon=True).start()


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that has ended; what it counted stays."""
    from prometheus_client import multiprocess  # noqa: PLC0415 - not before its folder is named

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Remove the folder that was made here."""
    if _own_folder:
        shutil.rmtree(_own_folder, ignore_errors=True)


def _warm() -> None:
    from search import warmup  # noqa: PLC0415 - Django is set up by now

    warmup.warm()
    # What is there by now stays. To look through it for garbage, again and again, takes the fifth
    # of a second in which a worker answers nobody.
    gc.collect()
    gc.freeze()
