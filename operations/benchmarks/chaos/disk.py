"""A small disk that can be filled."""
# ruff: noqa: S603, S607 - mount and umount of the system

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DISK_BYTES = 1536 * 2**20
NOT_ROOT_MESSAGE = "only root may mount a small disk"


@contextmanager
def small(folder: Path) -> Iterator[bool]:
    """Mount a disk of `DISK_BYTES` in memory over `folder`; yield False if that is not
    permitted."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, check=False) if os.geteuid() == 0 else None
    if done is None or done.returncode:
        yield False
        return
    try:
        yield True
    finally:
        # --lazy, as a process that is just ending may still have files open.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Fill the disk of `ballast` to the last byte; deleting it frees the disk."""
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
