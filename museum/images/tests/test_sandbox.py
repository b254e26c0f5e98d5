"""Pictures of strangers are decoded elsewhere, and whatever they do stays there."""

import io
import os
import signal
import struct
import threading
import zlib

import psutil
import pytest
from PIL import Image

from museum.images import decoding, sandbox
from testing.factories import gradient_picture


@pytest.fixture(scope="module")
def decoder():
    found = sandbox.Decoder()
    yield found
    found._stop()


def with_alpha() -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").convert("LA").save(file, "PNG")
    return file.getvalue()


def bomb(side: int) -> bytes:
    """A few bytes that say they are so large a PNG."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(9))), (b"IEND", b"")):
        parts.append(struct.pack(">I", len(data)) + kind + data)
        parts.append(struct.pack(">I", zlib.crc32(kind + data)))
    return b"".join(parts)


@pytest.mark.parametrize(
    "data", [gradient_picture(), gradient_picture(640, 400, shade=90), with_alpha()]
)
def test_a_picture_is_what_it_would_be_here(decoder, data):
    there, here = decoder.decode(data, 10**6), decoding.decode(data)
    assert (there.mode, there.size) == ("RGB", here.size)
    assert there.tobytes() == here.tobytes()


@pytest.mark.parametrize(
    "data", [b"", b"<!doctype html>", gradient_picture()[:60], bomb(60_000), bytes(999)]
)
def test_what_is_no_picture_is_refused_in_the_same_words(decoder, data):
    said = []
    for decode in (decoder.decode, decoding.decode):
        with pytest.raises(decoding.InvalidPictureError) as refused:
            decode(data, 10**6)
        # Of what is opened only its address in memory differs.
        said.append(str(refused.value).split("<_io")[0])
    assert said[0] == said[1]
    with pytest.raises(decoding.InvalidPictureError, match="more than the 10 allowed"):
        decoder.decode(bytes(11), 10)


def test_it_may_take_little_memory_and_write_no_file(decoder):
    decoder.decode(gradient_picture(), 10**6)
    process = psutil.Process(decoder._process.pid)
    assert process.rlimit(psutil.RLIMIT_AS) == (sandbox.MEMORY_LIMIT_BYTES,) * 2
    assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert "SECRET_KEY" not in process.environ()


def test_one_that_takes_too_long_is_given_up_and_the_next_is_decoded(decoder):
    decoder.decode(gradient_picture(), 10**6)
    stuck = decoder._process.pid
    os.kill(stuck, signal.SIGSTOP)
    with pytest.raises(decoding.InvalidPictureError, match=r"more than 0\.2 seconds"):
        decoder.decode(gradient_picture(), 10**6, seconds=0.2)
    assert not psutil.pid_exists(stuck)
    assert decoder.decode(gradient_picture(), 10**6).size == (300, 200)


def test_one_that_crashes_it_is_no_picture_and_the_next_is_decoded(decoder):
    decoder.decode(gradient_picture(), 10**6)
    os.kill(decoder._process.pid, signal.SIGSTOP)
    killer = threading.Timer(0.1, os.kill, (decoder._process.pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(decoding.InvalidPictureError, match="cannot be decoded"):
        decoder.decode(gradient_picture(), 10**6)
    assert decoder.decode(gradient_picture(), 10**6).size == (300, 200)


def test_pictures_that_visitors_send_go_there(client, db):
    sandbox._decoder._stop()
    client.post("/api/search", {"image": io.BytesIO(gradient_picture())})
    assert psutil.pid_exists(sandbox._decoder._process.pid)
    sandbox._decoder._stop()
