"""Pages answer whatever Redis holds, and whatever it says or fails to say."""

import os
import pickle
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import redis
from django.core.cache import caches
from django.utils import translation
from kombu.exceptions import ContentDisallowed
from kombu.serialization import dumps, loads

from museum import celery_app
from museum.core.caching.entries import MARK, encode
from museum.core.caching.redis_cache import forget_outages
from museum.core.text.messages import message
from search.engine import search
from search.query.query import Query
from testing.factories import give_vector, unit, work

BOAT = 900_001
PAGES = (
    "/",
    "/search?q=red+boat",
    "/search?q=red+boat&type=Painting",
    "/search?q=zeppelin",
    f"/search?like={BOAT}&box=0,0,0.5,0.5",
    "/search",
    f"/artworks/{BOAT}",
    "/saved",
    "/map",
    "/about",
    "/themes",
    "/api/search?q=red+boat",
    "/api/search?q=zeppelin",
    f"/api/artworks/{BOAT}",
    f"/api/artworks/{BOAT}/similar",
    "/api/facets?q=red+boat",
    "/api/suggest?q=re",
    "/api/models",
    "/admin/",
    "/admin/museum/artwork/",
    "/admin/search/embeddingmodel/",
    "/admin/search/querylog/insight/",
)


class Malicious:
    """A pickle of this makes a folder where it is loaded."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.fixture
def pages(tiny, admin_client):
    """Return the status of each page, by its address; sessions of the admin are in the database."""
    vectors = unit(np.random.default_rng(0), 3, tiny.dimension)
    for number, title in enumerate(("Red Boat", "Blue Horse", "Green Tree")):
        fields = {"artwork_type": "Painting", "style_titles": ["Realism"]}
        one = work(title, artic_id=BOAT + number, seed=number, text="A red boat.", **fields)
        give_vector(one, tiny, vectors[number])
    return lambda: {address: admin_client.get(address).status_code for address in PAGES}


ALL_WELL = dict.fromkeys(PAGES, 200)


def use(settings, url: str) -> None:
    shared = {
        "BACKEND": "museum.core.caching.redis_cache.SharedCache",
        "LOCATION": url,
        "VERSION": "test",
    }
    settings.CACHES = {"default": shared, "throttles": {**shared, "KEY_PREFIX": "throttle"}}
    forget_outages()


@pytest.fixture
def server(settings, redis_url):
    use(settings, redis_url)
    caches["default"].clear()
    return redis.Redis.from_url(redis_url)


@pytest.mark.redis
def test_no_entry_is_a_pickle(server, pages):
    assert pages() == ALL_WELL
    entries = {key: server.get(key) for key in server.scan_iter()}
    names = {key.decode().split(":")[2] for key in entries}
    assert {"answer", "query-vector", "facets", "collection-label", "detail"} <= names
    for key, entry in entries.items():
        assert entry.isdigit() or entry.startswith(MARK), key


@pytest.mark.redis
def test_pages_answer_whatever_live_keys_hold(server, pages, tmp_path, caplog, monkeypatch):
    made = tmp_path / "made by a pickle"
    malicious = pickle.dumps(Malicious(str(made)))
    pickle.loads(malicious)  # noqa: S301 - it works where it is loaded
    made.rmdir()
    poisons = {
        "a malicious pickle": malicious,
        "one behind the mark": MARK + malicious,
        "an unknown class": b"cno.such.module\nClass\n.",
        "random bytes": np.random.default_rng(0).bytes(300),
        "nothing": b"",
        "a number": b"7",
        "an entry of another release": encode("boat").replace(MARK, b"\x000.0.1\0"),
        "a text": encode("boat"),
        "a list": encode([["boat"], {"boat": 1}]),
        "a mapping": encode({"places": [1], "count": "many", "content": 5}),
    }
    pages()
    for what, poison in poisons.items():
        monkeypatch.setattr("museum.core.caching.entries._was_logged", False)
        keys = server.keys()
        for key in keys:
            server.set(key, poison, keepttl=True)
        assert len(keys) > 10
        assert pages() == ALL_WELL, what
        assert caplog.text.count("event=cache-entry-unreadable") <= 1, what
        caplog.clear()
    for key in server.scan_iter():  # cut off, and of another type
        whole = server.get(key)
        server.set(key, whole[: len(whole) // 2], keepttl=True)
    assert pages() == ALL_WELL
    for key in server.scan_iter():
        server.delete(key)
        server.lpush(key, "boat")
    assert pages() == ALL_WELL
    assert not made.exists()


@pytest.mark.redis
def test_a_warning_is_kept_once_and_said_in_each_readers_language(server, tiny):
    query = Query.parse("zeppelin")
    said = {}
    for language in ("en", "es", "en"):
        with translation.override(language):
            said.setdefault(language, []).append(
                [str(each) for each in search.search(query).warnings]
            )
    assert said["en"][0] == said["en"][1]
    assert "cannot recognise" in said["en"][0][0]
    assert said["es"][0] != said["en"][0]
    (key,) = (key for key in server.scan_iter() if b":answer:" in key)
    assert server.get(key).count(b"cannot recognise") == 1


def test_a_text_out_of_a_cache_reaches_into_nothing():
    probe = message("{a.__class__} {a} {b!r} {", a="boat")
    assert str(probe) == "{a.__class__} boat {b!r} {"


@contextmanager
def saying(answer: bytes | None) -> Iterator[str]:
    """Run a server that takes every connection and says `answer` to whatever it hears."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        open_ones: list[socket.socket] = []

        def hear(client: socket.socket) -> None:
            try:
                while client.recv(65536):
                    if answer is not None:
                        client.sendall(answer)
            except OSError:
                pass

        def accept() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                open_ones.append(client)
                threading.Thread(target=hear, args=(client,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        listening.shutdown(socket.SHUT_RDWR)
        for each in open_ones:
            each.close()
        thread.join(10)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"+OK\r\n",
        b":1\r\n",
        b"*2\r\n+a\r\n+b\r\n",
        b"$-1\r\n",
        b"*1\r\n$9999999999\r\n",
        b"-ERR no\r\n",
        b"\x00\xff\xfe random \r\n",
    ],
    ids=["silent", "http", "ok", "one", "list", "nothing", "endless", "error", "noise"],
)
def test_pages_answer_whatever_redis_says(settings, pages, caplog, monkeypatch, answer):
    monkeypatch.setattr("museum.core.caching.redis_cache.COMMAND_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr("museum.core.caching.redis_cache.RETRY_SECONDS", 3600.0)
    with saying(answer) as url:
        use(settings, url)
        assert pages() == ALL_WELL
        assert caplog.text.count("event=cache-away") <= 1


def test_pages_answer_where_redis_is_away_and_the_outage_is_logged_once(settings, pages, caplog):
    use(settings, "redis://127.0.0.1:1/0")
    assert pages() == ALL_WELL
    assert caplog.text.count("event=cache-away") == 1


def test_workers_take_no_pickle():
    content_type, encoding, body = dumps(Malicious("/nowhere"), serializer="pickle")
    with pytest.raises(ContentDisallowed):
        loads(body, content_type, encoding, accept=celery_app.conf.accept_content)
    assert celery_app.conf.task_serializer == celery_app.conf.result_serializer == "json"
