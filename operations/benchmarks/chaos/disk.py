"""A disk that is small enough to be filled."""
# ruff: noqa: S603, S607 - mount and umount of the system

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = 1536 * 2**20
MISSING = "only root may mount a small disk"


@contextmanager
def small(folder: Path) -> Iterator[bool]:
    """Mount a disk of `SIZE` bytes in memory over `folder`; gives False where that is not ours."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, check=False) if os.geteuid() == 0 else None
    if done is None or done.returncode:
        yield False
        return
    try:
        yield True
    finally:
        # Lazily: a process that is just ending may still have files open.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Leave no byte of the disk that `ballast` is on; deleting it gives them back."""
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
