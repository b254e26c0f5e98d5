"""How far apart requests start: one pace for each host, shared by all processes."""

import os
from functools import cache
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from django.conf import settings

from ingest.http.token_bucket import TokenBucket

DEFAULT_INTERVAL_SECONDS = 1.0
LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}


class Pacer(Protocol):
    """Holds the caller until the next request may start."""

    def wait(self) -> None: ...


def is_loopback(url: str) -> bool:
    """Tell whether `url` names this machine."""
    return urlsplit(url).hostname in LOOPBACK_HOSTS


class Interval(NamedTuple):
    """Seconds between the starts of two requests to one host.

    A server on this machine needs no sparing, so an interval does not hold there unless somebody
    set it on purpose.
    """

    seconds: float
    is_deliberate: bool = False

    def seconds_for(self, url: str) -> float:
        """Return the seconds to keep between requests to `url`."""
        return 0.0 if is_loopback(url) and not self.is_deliberate else self.seconds


DEFAULT_INTERVAL = Interval(DEFAULT_INTERVAL_SECONDS)


def from_setting(name: str) -> Interval:
    """Return the interval of a setting such as `AIC_API_INTERVAL`."""
    seconds: float = getattr(settings, name)
    return Interval(seconds, name in os.environ or seconds != DEFAULT_INTERVAL_SECONDS)


@cache
def pacer(name: str, seconds: float) -> Pacer:
    """Return the pacer called `name`: one request every so many seconds; 0 never waits."""
    return TokenBucket(name, 1 / seconds if seconds else float("inf"))
