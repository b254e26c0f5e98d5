"""Decoding what strangers send, in a process of its own that may take little memory and time.

A decoder of pictures is a large piece of C that reads hostile bytes. Here it runs where a crash, an
endless loop or a claim of gigabytes ends that process alone, and where it can write no file. The
process is started with the first picture, serves one after another, and ends when it is idle.
What comes back is a size and pixels, or a sentence: nothing that could be run.
"""

import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from PIL import Image

from museum.images import decoding

SECONDS = 10.0  # for one picture
IDLE = 120  # seconds after which the process ends
# decoding.MAX_PIXELS of RGBA, the same on white, and the program itself.
MEMORY = 1536 * 1024 * 1024  # bytes of address space
_REQUEST = struct.Struct("!QQ")  # bytes allowed, bytes that follow
_ANSWER = struct.Struct("!?II")  # whether it is a picture; its width and height, or a text's length
_CHUNK = 1024 * 1024


class Decoder:
    """One such process, shared by the threads of this one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def decode(self, data: bytes, max_bytes: int, seconds: float = SECONDS) -> Image.Image:
        """Do what `decoding.decode` does, or raise `InvalidPicture` as it does.

        A picture that takes too long or too much memory is no picture that we can use.
        """
        if len(data) > max_bytes:
            raise decoding.InvalidPicture(
                f"{len(data)} bytes are more than the {max_bytes} allowed"
            )
        with self._lock:
            try:
                return self._ask(data, max_bytes, seconds)
            except TimeoutError as error:
                self._end()
                raise decoding.InvalidPicture(
                    f"it takes more than {seconds:g} seconds to decode"
                ) from error
            except (OSError, EOFError) as error:
                self._end()
                raise decoding.InvalidPicture("no picture: it cannot be decoded") from error

    def _ask(self, data: bytes, max_bytes: int, seconds: float) -> Image.Image:
        connection = self._connection()
        # Starting the process is not the picture's fault.
        deadline = time.monotonic() + seconds
        connection.settimeout(seconds)
        connection.sendall(_REQUEST.pack(max_bytes, len(data)) + data)
        is_picture, width, height = _ANSWER.unpack(_read(connection, _ANSWER.size, deadline))
        if not is_picture:
            raise decoding.InvalidPicture(_read(connection, width, deadline).decode())
        if width * height > decoding.MAX_PIXELS:
            raise EOFError("that is not what it may answer")
        pixels = _read(connection, 3 * width * height, deadline)
        return Image.frombuffer("RGB", (width, height), pixels, "raw", "RGB", 0, 1)

    def _connection(self) -> socket.socket:
        if self._process is not None and self._process.poll() is None and self._socket is not None:
            return self._socket
        self._end()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=Path(__file__).resolve().parents[2],
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._socket = ours
        ours.settimeout(60.0)
        if _read(ours, 1, time.monotonic() + 60.0) != b"+":
            raise EOFError("it did not start")
        return ours

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._socket = None


_decoder = Decoder()


def decode(data: bytes, max_bytes: int = decoding.MAX_BYTES) -> Image.Image:
    """Decode a stranger's picture; see `Decoder.decode`."""
    return _decoder.decode(data, max_bytes)


def _read(connection: socket.socket, number: int, deadline: float | None = None) -> bytearray:
    """Return `number` bytes; raises `EOFError` where they end before, `TimeoutError` when late."""
    found = bytearray(number)
    view, done = memoryview(found), 0
    while done < number:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            connection.settimeout(left)
        read = connection.recv_into(view[done : done + _CHUNK])
        if not read:
            raise EOFError
        done += read
    return found


# --- In the process itself ------------------------------------------------------------------------
def _confine() -> None:
    Image.init()  # what Pillow imports later, it imports now
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _serve(connection: socket.socket) -> None:
    connection.sendall(b"+")
    while True:
        connection.settimeout(IDLE)
        max_bytes, number = _REQUEST.unpack(_read(connection, _REQUEST.size))
        data = _read(connection, number)
        # Ends the process even within C code, and where nobody is left to end it.
        signal.alarm(int(SECONDS) + 5)
        try:
            picture = decoding.decode(bytes(data), max_bytes)
            connection.sendall(_ANSWER.pack(True, *picture.size))
            answer = picture.tobytes()
        except decoding.InvalidPicture as error:
            answer = _said(str(error))
        except MemoryError:
            answer = _said("it takes too much memory to decode")
        connection.sendall(answer)
        signal.alarm(0)


def _said(message: str) -> bytes:
    text = message.encode("utf-8", "replace")[:1000]
    return _ANSWER.pack(False, len(text), 0) + text


if __name__ == "__main__":
    _confine()
    with socket.socket(fileno=int(sys.argv[1])) as _given, suppress(EOFError, OSError):
        _serve(_given)
