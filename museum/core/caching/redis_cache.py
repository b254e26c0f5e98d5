"""The cache that all processes share, in Redis.

A server that is away refuses at once; one that hangs, or a network that lost it, says nothing. It
is then waited for once, and left alone for a while: who keeps something there can do without.
"""

import time
from collections.abc import Sequence
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

TIMEOUT = 1.0  # seconds that one command may take
RETRY_SECONDS = 5.0
# Shortest span first; a request that one rate refuses is not counted against the longer ones.
_COUNT = """
local used = {}
for i, key in ipairs(KEYS) do
  used[i] = redis.call('INCR', key)
  if used[i] == 1 then redis.call('EXPIRE', key, ARGV[2 * i]) end
  if used[i] > tonumber(ARGV[2 * i - 1]) then break end
end
return used
"""
_away_until: dict[object, float] = {}  # by server, for all threads of this process


class SharedCache(RedisCache):
    """Django's with less patience; raises `redis.RedisError` where there is no answer."""

    _cache: "_Client"

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        patience = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
        super().__init__(server, {**params, "OPTIONS": patience | params.get("OPTIONS", {})})
        self._class = _Client

    def count(self, keys: Sequence[str], rates: Sequence[tuple[int, int]]) -> list[int]:
        """Add one to each of `keys`, up to the first beyond its rate (requests, seconds).

        Returns the counts of those. Each lasts so many seconds. All in one message.
        """
        names = [self.make_and_validate_key(key) for key in keys]
        limits = [number for rate in rates for number in rate]
        client = self._cache.get_client(write=True)
        return list(client.eval(_COUNT, len(names), *names, *limits))


class _Client(RedisCacheClient):
    """Django's of one thread and one server, which it asks for before each command."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._client = _Redis
        self._known: redis.Redis | None = None

    def get_client(self, key: Any = None, *, write: bool = False) -> redis.Redis:
        if self._known is None:
            self._known = super().get_client(key, write=True)
        if time.monotonic() < _away_until.get(_server(self._known), 0.0):
            raise redis.ConnectionError("Redis did not answer a moment ago")
        return self._known


class _Redis(redis.Redis):
    """Remembers of a server that it did not answer."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute_command(*args, **options)
        except (redis.ConnectionError, redis.TimeoutError):
            _away_until[_server(self)] = time.monotonic() + RETRY_SECONDS
            raise


def _server(client: redis.Redis) -> object:
    where = client.connection_pool.connection_kwargs
    return where.get("path") or (where.get("host"), where.get("port"))
