"""A token bucket that all threads, processes and (with Redis) machines draw from together."""

import math
import os
import time
from typing import Any

from django.conf import settings

from ingest.http.shared_state import client, file, key, locked

# Tokens come this much further apart than asked. A server counts arrivals, not starts: without
# the slack one slow request and sixty quick ones would arrive within one minute. It also covers
# a restart of Redis, which forgets when the last token was taken.
SLACK = 1.02

# Generic cell rate algorithm: one number, the time at which the bucket would be full again.
# Redis's clock is everybody's. A time further ahead than an empty bucket explains means that the
# clock was set back, and counts as an empty bucket.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or 0)
local bounded = math.min(math.max(full, now), now + burst * interval)
local wait = math.max(0, bounded - (burst - 1) * interval - now)
if wait == 0 then bounded = bounded + interval end
if wait == 0 or bounded ~= full then
    local keep = math.ceil((burst + 1) * interval / 1000)
    redis.call('SET', KEYS[1], string.format('%.0f', bounded), 'PX', keep)
end
return math.ceil(wait)
"""


class TokenBucket:
    """At most `rate_per_s` tokens a second, for all callers together.

    With `burst` 1 tokens come evenly: in any window of w seconds at most `rate_per_s * w` are
    taken. A larger `burst` lets as many saved ones go at once. An infinite rate never waits.
    Nothing is reserved, so a process that dies while it waits takes no token with it.
    """

    def __init__(self, name: str, rate_per_s: float, burst: int = 1) -> None:
        if not rate_per_s > 0 or burst < 1:
            raise ValueError(f"rate {rate_per_s} and burst {burst} must be above zero")
        self.name, self.burst = name, burst
        self.interval = 0.0 if math.isinf(rate_per_s) else SLACK / rate_per_s

    def take(self, timeout: float | None = None) -> bool:
        """Take one token, waiting for it at most `timeout` seconds; False when there was none."""
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        while self.interval:
            wait = self._attempt()
            if wait <= 0:
                break
            if time.monotonic() + wait > deadline:
                time.sleep(max(0.0, deadline - time.monotonic()))
                return False
            time.sleep(wait)
        return True

    def wait(self) -> None:
        """Take one token, however long that takes; so the bucket is a `Pacer`."""
        self.take()

    def _attempt(self) -> float:
        """Take a token and return 0, or return the seconds until it is worth asking again."""
        return self._from_redis() if settings.REDIS_URL else self._from_file()

    def _from_redis(self) -> float:
        arguments: list[Any] = [round(self.interval * 1e6), self.burst]
        redis = client(settings.REDIS_URL)
        return float(redis.eval(_TAKE, 1, key("bucket", self.name), *arguments)) / 1e6

    def _from_file(self) -> float:
        with locked(file("bucket", self.name)) as descriptor:
            # This clock is one for all processes of the machine and is never set; after a start
            # of the machine it begins anew, which the bound below puts right.
            now = time.monotonic()
            full = _number(os.pread(descriptor, 32, 0))
            bounded = min(max(full, now), now + self.burst * self.interval)
            wait = max(0.0, bounded - (self.burst - 1) * self.interval - now)
            if wait == 0:
                bounded += self.interval
            if bounded != full:
                os.pwrite(descriptor, b"%-32.6f" % bounded, 0)
        return wait


def _number(stored: bytes) -> float:
    try:
        value = float(stored or b"0")
    except ValueError:
        value = math.inf  # nobody knows: wait as for an empty bucket
    return math.inf if math.isnan(value) else value
