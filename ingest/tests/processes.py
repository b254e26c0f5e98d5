"""Run a few lines in several real processes at once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings


def start(code: str, *, redis_url: str = "") -> subprocess.Popen[str]:
    """Start Python on `code`, with this test's `DATA_DIR` and the given Redis."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "museum.settings",
        "DATA_DIR": str(settings.DATA_DIR),
        "REDIS_URL": redis_url,
    }
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(settings.BASE_DIR),
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def together(code: str, number: int, *, redis_url: str = "") -> list[Any]:
    """What each of `number` processes printed, as JSON."""
    started = [start(code, redis_url=redis_url) for _ in range(number)]
    printed = []
    for process in started:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        printed.append(json.loads(output))
    return printed
