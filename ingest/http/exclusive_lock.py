"""One at a time, anywhere: a lock that is held for as long as its holder lives."""

import logging
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from django.conf import settings

from ingest.http.shared_state import client, file, key, locked

logger = logging.getLogger(__name__)
POLL = 0.05  # seconds between two asks for the lock of another machine

# Also sets a key that is gone: a restarted Redis has forgotten who holds the lock.
_EXTEND = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


@contextmanager
def exclusive(name: str, timeout: float | None = None, expiry: float = 60.0) -> Iterator[None]:
    """Be the only one inside, among all that say the same `name`.

    Raises `TimeoutError` when that takes longer than `timeout` seconds. Between processes of one
    machine a file is locked, which ends with the process; between machines also a key in Redis,
    which a thread keeps alive and which outlives a killed holder by at most `expiry` seconds.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    # The file comes first: it still holds on this machine while Redis restarts.
    with locked(file("exclusive", name), timeout):
        if not settings.REDIS_URL:
            yield
            return
        with _held(key("exclusive", name), deadline, expiry):
            yield


@contextmanager
def _held(key: str, deadline: float | None, expiry: float) -> Iterator[None]:
    server, token, milliseconds = (
        client(settings.REDIS_URL),
        secrets.token_hex(16),
        int(expiry * 1e3),
    )
    # A value of our own counts as ours: an answer lost on the way makes the client ask again.
    while not server.eval(_EXTEND, 1, key, token, str(milliseconds)):
        if deadline is not None and time.monotonic() >= deadline:
            raise TimeoutError(f"{key} is held by another machine")
        time.sleep(POLL)
    ended = threading.Event()
    beat = threading.Thread(
        target=_keep, args=(server, key, token, milliseconds, ended), daemon=True
    )
    beat.start()
    try:
        yield
    finally:
        ended.set()
        beat.join()
        server.eval(_RELEASE, 1, key, token)


def _keep(
    server: redis.Redis, key: str, token: str, milliseconds: int, ended: threading.Event
) -> None:
    while not ended.wait(milliseconds / 3000):
        try:
            if not server.eval(_EXTEND, 1, key, token, str(milliseconds)):
                logger.warning("%s was taken by another before it was given back", key)
                return
        except redis.RedisError as error:
            logger.warning("%s could not be kept alive: %s", key, error)
