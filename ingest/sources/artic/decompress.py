"""The other half of `ingest.sources.artic.dump`: unpacks an archive in a process of its own.

    python -m ingest.sources.artic.decompress FILE FORMAT

writes frames to its standard output: a letter, the lengths of a name and a content, then both.
Records take hardly any time here, so nothing of Django is loaded and JSON is parsed elsewhere.
"""

import bz2
import contextlib
import fcntl
import gzip
import io
import lzma
import re
import struct
import sys
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

from ingest.sources.artic.tar_stream import TarError, members

HEADER = struct.Struct(">cII")
MEMBER, TOO_LARGE, ENDED, FAILED = b"m", b"l", b"z", b"e"
# AIC's largest record is some 100 KB; one of this size is a mistake or an attack.
MAX_RECORD_BYTES = 8 * 1024 * 1024
BUFFER_BYTES = 1024 * 1024
OPEN: dict[str, Callable[[str], Any]] = {
    "bz2": bz2.open,
    "gz": gzip.open,
    "xz": lzma.open,
    "tar": io.FileIO,
}
# macOS puts a file `._name` beside each file.
MEMBER_NAME = re.compile(r"(?:^|/)json/(?:artworks/[^/.][^/]*|config|info)\.json$")


class _Unpacked(io.RawIOBase):
    """The unpacked bytes so far, piece by piece.

    The standard library's files lose a whole read to their error if the archive ends within it.
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def main(path: str, form: str) -> None:
    """Write the frames of the archive at `path`; the last is ENDED or FAILED."""
    with contextlib.suppress(OSError, AttributeError):  # Linux only, and only a matter of speed
        fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, BUFFER_BYTES)
    with contextlib.suppress(BrokenPipeError), open(1, "wb", buffering=BUFFER_BYTES) as out:
        _frame(out, *_run(path, form, out))


def _run(path: str, form: str, out: BinaryIO) -> tuple[bytes, str, bytes]:
    """Write the members with `MEMBER_NAME`; return the last frame."""
    try:
        with OPEN[form](path) as unpacked:
            raw = unpacked if form == "tar" else _Unpacked(unpacked)
            stream = io.BufferedReader(raw, BUFFER_BYTES)
            for member in members(stream, MEMBER_NAME.search, MAX_RECORD_BYTES):
                if member.content is None:
                    _frame(out, TOO_LARGE, member.name, str(member.size).encode())
                else:
                    _frame(out, MEMBER, member.name, member.content)
    except BrokenPipeError:
        raise
    except EOFError:
        return FAILED, "truncated", b"it ends early, as a download that was cut short does"
    except (TarError, OSError, zlib.error, lzma.LZMAError) as error:
        return FAILED, "broken", str(error).encode()
    return ENDED, "", b""


def _frame(out: BinaryIO, kind: bytes, name: str, content: bytes) -> None:
    encoded = name.encode()
    out.write(HEADER.pack(kind, len(encoded), len(content)))
    out.write(encoded)
    out.write(content)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
