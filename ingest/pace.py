"""How far apart requests start: one pace for each host, in this process or across all of them."""

import os
import threading
import time
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

import redis
from django.conf import settings

# Starts are kept this much further apart, so that jitter never makes a minute hold one too many.
SLACK = 1.02
DEFAULT_INTERVAL = 1.0
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Pacer(Protocol):
    """Holds the caller until the next request may start."""

    def wait(self) -> None: ...


class LocalPacer:
    """At least `interval` seconds between requests of this process, all threads together."""

    def __init__(self, interval: float) -> None:
        self.interval = interval * SLACK
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + self.interval


class SharedPacer:
    """At least `interval` seconds between requests of all processes that share one Redis."""

    def __init__(self, url: str, name: str, interval: float) -> None:
        self._redis = redis.Redis.from_url(url)
        self._key = f"ekphrasis:pace:{name}"
        self._milliseconds = int(interval * SLACK * 1000)

    def wait(self) -> None:
        # Redis forgets the key when the interval is over; whoever sets it anew may go.
        while not self._redis.set(self._key, 1, nx=True, px=self._milliseconds):
            left = self._redis.pttl(self._key)
            time.sleep(max(float(left), 1.0) / 1000)


def is_loopback(url: str) -> bool:
    """Whether `url` names this machine."""
    return urlsplit(url).hostname in LOOPBACK


def interval(setting: str, url: str) -> float:
    """Seconds between requests to `url` by `AIC_API_INTERVAL` or `AIC_IMAGE_INTERVAL`.

    A server on this machine is nobody's to be kind to: there the default is no waiting. An
    interval that was set on purpose holds everywhere.
    """
    value: float = getattr(settings, setting)
    on_purpose = setting in os.environ or value != DEFAULT_INTERVAL
    return 0.0 if is_loopback(url) and not on_purpose else value


@cache
def pacer(name: str, seconds: float) -> Pacer:
    """The one pacer called `name`: shared through Redis where there is one."""
    if seconds and settings.REDIS_URL:
        return SharedPacer(settings.REDIS_URL, name, seconds)
    return LocalPacer(seconds)
