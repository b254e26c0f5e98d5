"""How far apart requests start: one pace for each host, kept by all processes together."""

import os
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings

from ingest.http.token_bucket import TokenBucket

DEFAULT_INTERVAL_SECONDS = 1.0
LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}


class Pacer(Protocol):
    """Holds the caller until the next request may start."""

    def wait(self) -> None: ...


def is_loopback(url: str) -> bool:
    """Whether `url` names this machine."""
    return urlsplit(url).hostname in LOOPBACK_HOSTS


def interval(setting: str, url: str) -> float:
    """Seconds between requests to `url` by `AIC_API_INTERVAL` or `AIC_IMAGE_INTERVAL`.

    A server on this machine is nobody's to be kind to: there the default is no waiting. An
    interval that was set on purpose holds everywhere.
    """
    value: float = getattr(settings, setting)
    on_purpose = setting in os.environ or value != DEFAULT_INTERVAL_SECONDS
    return 0.0 if is_loopback(url) and not on_purpose else value


@cache
def pacer(name: str, seconds: float) -> Pacer:
    """The one pacer called `name`, which lets a request go every so many seconds; 0 never waits."""
    return TokenBucket(name, 1 / seconds if seconds else float("inf"))
