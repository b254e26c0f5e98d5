"""Whatever is sent, the answer is a 4xx problem document that names it, and never a 500."""

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from museum.core.http import safe_fetch
from search import tasks
from testing.factories import picture, work

PROBLEM = "application/problem+json"


@pytest.fixture
def museum(tiny):
    made = [work(f"Boat {n}", seed=n) for n in range(2)]
    tasks.embed_artworks([each.pk for each in made])
    return made


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 3.6 thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def cut_short() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (500, 500), "red").save(file, "JPEG")
    return file.getvalue()[:700]


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"


def problem(response, status: int = 400) -> dict:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == PROBLEM
    assert "Traceback" not in response.content.decode()
    return response.json()


@pytest.mark.parametrize(
    "data",
    [SVG, bomb(), cut_short(), b"", b"\x00" * 100, b"GIF89a", b"%!PS-Adobe-3.0 EPSF-3.0\n",
     b"<!doctype html>", b"\xff\xd8\xff"],
    ids=["svg", "bomb", "cut", "empty", "nul", "gif", "eps", "html", "jpeg"],
)  # fmt: skip
def test_what_is_no_picture_is_named(client, museum, data):
    sent = SimpleUploadedFile("a.png", data, "image/png")
    assert set(problem(client.post("/api/search", {"image": sent}))["errors"]) == {"image"}


def test_a_picture_of_fifty_megabytes_is_too_large(client, museum):
    sent = SimpleUploadedFile("a.png", bytes(50 * 1024 * 1024), "image/png")
    assert "17 MB" in problem(client.post("/api/search", {"image": sent}), 413)["detail"]
    sent.seek(0)
    assert client.post("/search", {"image": sent}).status_code == 413


def test_a_picture_just_too_large_is_named(client, museum):
    sent = SimpleUploadedFile("a.png", bytes(16 * 1024 * 1024 + 1), "image/png")
    assert "16 MB" in problem(client.post("/api/search", {"image": sent}))["errors"]["image"][0]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/a.png", "http://localhost:8000/", "http://169.254.169.254/latest/meta-data",
     "http://[::1]/", "http://10.0.0.1/", "http://0/", "http://2130706433/", "http://0x7f.1/",
     "http://[::ffff:127.0.0.1]/", "file:///etc/passwd", "ftp://example.org/a", "javascript:1",
     "http://", "http://[", "http:///a", "//example.org", "http://a b/", "https://u:p@example.org/",
     "http://example.org:22/", "http://" + "a" * 300 + ".example/", "x" * 3000, "http://\x00/"],
)  # fmt: skip
def test_addresses_inside_or_odd_are_refused(client, museum, url, monkeypatch):
    def names(host, port):
        # No test asks the network for a name.
        return safe_fetch.socket.inet_ntoa(safe_fetch.socket.inet_aton(host))

    def resolve(host, port):
        try:
            return [names(host, port)]
        except OSError:
            return [host] if ":" in host else ["127.0.0.1"]

    monkeypatch.setattr(safe_fetch, "PUBLIC", safe_fetch.Policy(resolve=resolve))
    monkeypatch.setattr(safe_fetch.fetch, "__defaults__", (safe_fetch.PUBLIC,))
    body = problem(client.post("/api/search", {"image_url": url}))
    assert set(body["errors"]) == {"image_url"}


def test_pictures_come_by_post_alone(client, museum):
    body = problem(client.get("/api/search?q=boat&image_url=http://example.org/a.png"))
    assert set(body["errors"]) == {"image_url"}


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"box": "NaN,0,1,1"}, {"box"}),
        ({"box": "0,0,NaN,1"}, {"box"}),
        ({"box": "0,0,inf,1"}, {"box"}),
        ({"box": "0,0,0,0"}, {"box"}),
        ({"box": "-0.1,0,0.5,0.5"}, {"box"}),
        ({"box": "0.6,0,0.5,0.5"}, {"box"}),
        ({"box": "0,0,1"}, {"box"}),
        ({"box": "0,0,1,1,1"}, {"box"}),
        ({"box": ",,,"}, {"box"}),
        ({"box": "9" * 10_000 + ",0,1,1"}, {"box"}),
        ({"box": "0,0,1,1"}, {"box"}),
        ({"color": "red"}, {"color"}),
        ({"color": "#12345"}, {"color"}),
        ({"w_text": "NaN"}, {"w_text"}),
        ({"w_like": "inf"}, {"w_like"}),
        ({"w_image": "-1"}, {"w_image"}),
        ({"w_color": "0"}, {"w_color"}),
        ({"w_unlike": "1e400"}, {"w_unlike"}),
        ({"picture": "AAAA"}, {"picture"}),
        ({"picture": "\x00"}, {"picture"}),
        ({"picture": "x" * 10_000}, {"picture"}),
        ({"cursor": "AAAA"}, {"cursor"}),
        ({"like": "1.5"}, {"like"}),
        ({"like": "٣"}, {"like"}),
        ({"dedupe": "maybe"}, {"dedupe"}),
        ({"limit": "-5"}, {"limit"}),
        ({"q": "x" * 10_000}, {"q"}),
        ({"q": "boat\x00"}, {"q"}),
    ],
)
def test_bad_parameters_are_named_by_either_method(client, museum, given, names):
    given = {"q": "boat", **given}
    for response in (client.get("/api/search", given), client.post("/api/search", given)):
        assert set(problem(response)["errors"]) == names


def test_a_picture_in_a_field_of_text_and_text_in_that_of_a_picture(client, museum):
    sent = SimpleUploadedFile("a.png", picture(1), "image/png")
    assert problem(client.post("/api/search", {"q": sent}))["errors"]
    assert problem(client.post("/api/search", {"image": "a.png"}))["errors"]


@pytest.mark.parametrize("typed", ["🐈‍⬛", "👩‍👩‍👧", "\u202eboat", "ﷺ" * 100])
def test_emoji_and_odd_letters_are_answered(client, museum, typed):
    assert client.get("/api/search", {"q": typed}).status_code == 200
