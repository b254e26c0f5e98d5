"""A wall clock that can jump, for real processes, by libfaketime if it is installed."""

from importlib.util import find_spec
from pathlib import Path

LIBFAKETIME_MISSING_MESSAGE = (
    "libfaketime is not installed: apt install libfaketime, or pip install libfaketime"
)


class Clock:
    """Processes that start with `environment` see this machine's time, shifted by `set`."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.set(0)

    def set(self, seconds: int) -> None:
        """Shift the time by `seconds`; processes notice within a second."""
        self.file.write_text(f"{seconds:+d}\n")

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process; its monotonic clock does not jump, as with NTP."""
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


def library() -> Path | None:
    """Return libfaketime of the system or of the Python package; None if neither is there."""
    package = find_spec("libfaketime")
    folders = [Path(each) for each in (package.submodule_search_locations or [] if package else [])]
    libraries = [*Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]
    libraries += [file for folder in folders for file in folder.rglob("libfaketime.so.1")]
    return libraries[0] if libraries else None
