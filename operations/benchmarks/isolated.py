"""Commands that need a database, a Redis and a folder of their own, all of them temporary."""
# ruff: noqa: S603 - it starts our own programs only

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(command: str, *arguments: str, with_redis: bool, **environment: str) -> int:
    """Run `manage.py command --inside FOLDER` with settings that name nothing of the user's.

    The folder and the embedded database in it are gone afterwards. Returns the exit code. The
    Redis that REDIS_URL names is the command's to start.
    """
    folder = Path(tempfile.mkdtemp(prefix="ekphrasis-apart-"))
    folder.chmod(0o755)  # the embedded server may run as a user of its own
    own = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DATABASE_URL": "",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0" if with_redis else "",
        "ALLOWED_HOSTS": "127.0.0.1",
        "PICTURE_BUCKET": "",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
        **environment,
    }
    manage = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py")]
    try:
        inside = [*manage, command, "--inside", str(folder), *arguments]
        return subprocess.run(inside, env=own, check=False).returncode
    finally:
        stop = [*manage, "database", "stop"]
        subprocess.run(stop, env=own, check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)
