"""Decode pictures from strangers in a separate process with little memory and time.

A picture decoder is a large piece of C code that reads hostile bytes. A crash, an endless loop or a
claim of gigabytes ends only this process, which can write no file. It starts with the first
picture, decodes one after another, and ends when it is idle. It returns a size and pixels, or a
sentence: nothing that could be run.
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

DECODE_TIMEOUT_SECONDS = 10.0  # of one picture
IDLE_TIMEOUT_SECONDS = 120  # after which the process ends
START_TIMEOUT_SECONDS = 60.0
# decoding.MAX_PIXELS of RGBA, the same as RGB, and the program itself.
MEMORY_LIMIT_BYTES = 1536 * 1024 * 1024  # of address space
_REQUEST = struct.Struct("!QQ")  # most bytes allowed, bytes that follow
_ANSWER = struct.Struct("!?II")  # whether it is a picture; width and height, or a length
_CHUNK_BYTES = 1024 * 1024


class Decoder:
    """The decoding process, shared by the threads of this one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def decode(
        self, data: bytes, max_bytes: int, seconds: float = DECODE_TIMEOUT_SECONDS
    ) -> Image.Image:
        """Do what `decoding.decode` does.

        Raises `InvalidPictureError`, also for a picture that takes too much time or memory.
        """
        if len(data) > max_bytes:
            raise decoding.InvalidPictureError(
                f"{len(data)} bytes are more than the {max_bytes} allowed"
            )
        with self._lock:
            try:
                return self._request(data, max_bytes, seconds)
            except TimeoutError as error:
                self._stop()
                raise decoding.InvalidPictureError(
                    f"it takes more than {seconds:g} seconds to decode"
                ) from error
            except (OSError, EOFError) as error:
                self._stop()
                raise decoding.InvalidPictureError("no picture: it cannot be decoded") from error

    def _request(self, data: bytes, max_bytes: int, seconds: float) -> Image.Image:
        connection = self._connection()
        # The time to start the process does not count.
        deadline = time.monotonic() + seconds
        connection.settimeout(seconds)
        connection.sendall(_REQUEST.pack(max_bytes, len(data)) + data)
        is_picture, width, height = _ANSWER.unpack(_read(connection, _ANSWER.size, deadline))
        if not is_picture:
            raise decoding.InvalidPictureError(_read(connection, width, deadline).decode())
        if width * height > decoding.MAX_PIXELS:
            raise EOFError("the answer is larger than any picture")
        pixels = _read(connection, 3 * width * height, deadline)
        return Image.frombuffer("RGB", (width, height), pixels, "raw", "RGB", 0, 1)

    def _connection(self) -> socket.socket:
        if self._process is not None and self._process.poll() is None and self._socket is not None:
            return self._socket
        self._stop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this module
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=Path(__file__).resolve().parents[2],
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._socket = ours
        ours.settimeout(START_TIMEOUT_SECONDS)
        if _read(ours, 1, time.monotonic() + START_TIMEOUT_SECONDS) != b"+":
            raise EOFError("it did not start")
        return ours

    def _stop(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._socket = None


_decoder = Decoder()


def decode(data: bytes, max_bytes: int = decoding.MAX_BYTES) -> Image.Image:
    """Decode a stranger's picture. Raises `InvalidPictureError`; see `Decoder.decode`."""
    return _decoder.decode(data, max_bytes)


def _read(connection: socket.socket, number: int, deadline: float | None = None) -> bytearray:
    """Return `number` bytes. Raises `EOFError` where there are fewer, and `TimeoutError`."""
    data = bytearray(number)
    view, done = memoryview(data), 0
    while done < number:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            connection.settimeout(left)
        read = connection.recv_into(view[done : done + _CHUNK_BYTES])
        if not read:
            raise EOFError
        done += read
    return data


# --- In the decoding process ----------------------------------------------------------------------
def _confine() -> None:
    Image.init()  # Pillow imports its format plugins now, before the limits hold
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_LIMIT_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _serve(connection: socket.socket) -> None:
    connection.sendall(b"+")
    while True:
        connection.settimeout(IDLE_TIMEOUT_SECONDS)
        max_bytes, number = _REQUEST.unpack(_read(connection, _REQUEST.size))
        data = _read(connection, number)
        # Ends the process even inside C code, and when its parent has died.
        signal.alarm(int(DECODE_TIMEOUT_SECONDS) + 5)
        try:
            picture = decoding.decode(bytes(data), max_bytes)
            connection.sendall(_ANSWER.pack(True, *picture.size))
            answer = picture.tobytes()
        except decoding.InvalidPictureError as error:
            answer = _message(str(error))
        except MemoryError:
            answer = _message("it takes too much memory to decode")
        connection.sendall(answer)
        signal.alarm(0)


def _message(message: str) -> bytes:
    text = message.encode("utf-8", "replace")[:1000]
    return _ANSWER.pack(False, len(text), 0) + text


if __name__ == "__main__":
    _confine()
    with socket.socket(fileno=int(sys.argv[1])) as _connection, suppress(EOFError, OSError):
        _serve(_connection)
