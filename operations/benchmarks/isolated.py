"""Run commands with a temporary database, Redis and folder of their own."""
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
    """Return a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(command: str, *arguments: str, with_redis: bool, **environment: str) -> int:
    """Run `manage.py command --inside FOLDER` isolated from the user's data and servers.

    The folder and its embedded database are deleted afterwards. Returns the exit code. The command
    must start the Redis server that REDIS_URL names.
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
