"""What git knows of the project."""

import subprocess
from pathlib import Path


def files(root: Path) -> tuple[str, ...] | None:
    """Return the paths from `root` that git tracks or would add; None outside of a repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    if listed.returncode:
        return None
    return tuple(name for name in listed.stdout.splitlines() if (root / name).is_file())
