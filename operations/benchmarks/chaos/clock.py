"""A wall clock that jumps, for real processes: libfaketime, where it is installed."""

from importlib.util import find_spec
from pathlib import Path

MISSING = "libfaketime is not here: apt install libfaketime, or pip install libfaketime"


class Clock:
    """What is started with `environment` sees the time of this machine, moved by `set`."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.set(0)

    def set(self, seconds: int) -> None:
        """Move it so far from the right time; processes notice within a second."""
        self.file.write_text(f"{seconds:+d}\n")

    @property
    def environment(self) -> dict[str, str]:
        """Settings of a process; the monotonic clock stays what it is, as when NTP corrects it."""
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


def library() -> Path | None:
    """Return the shared library of the system, or of the Python package, or None."""
    package = find_spec("libfaketime")
    folders = [Path(each) for each in (package.submodule_search_locations or [] if package else [])]
    found = [*Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]
    found += [file for folder in folders for file in folder.rglob("libfaketime.so.1")]
    return found[0] if found else None
