"""Cache backends that never fail a request: without an answer a read is a miss, a write is dropped.

A Redis that is down refuses connections at once. One that hangs, or that the network has lost, does
not answer: a command waits for it once, and then no command asks it for a while. An outage is
logged when it begins and when it ends.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from museum.core.caching.entries import UnreadableEntryError, decode, encode, log_unreadable

logger = logging.getLogger(__name__)
T = TypeVar("T")

COMMAND_TIMEOUT_SECONDS = 1.0
RETRY_SECONDS = 5.0
REFUSAL_LOG_INTERVAL_SECONDS = 3600.0  # between two lines about the same error of a server
# Shortest span first: a request that one rate refuses is not counted against the longer ones.
_COUNT = """
local used = {}
for i, key in ipairs(KEYS) do
  used[i] = redis.call('INCR', key)
  if used[i] == 1 then redis.call('EXPIRE', key, ARGV[2 * i]) end
  if used[i] > tonumber(ARGV[2 * i - 1]) then break end
end
return used
"""
# When to ask a server again that did not answer, by server, for all threads of this process.
_away_until: dict[object, float] = {}
_refusals: dict[str, float] = {}  # when to log an error again, by its class


class LocalCache(LocMemCache):
    """Django's cache in the memory of this process, with entries encoded as for Redis."""

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> bool:
        """Store `value` unless the key has one; return whether it was stored."""
        return super().add(key, encode(value), timeout, version)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Return the value as plain data; `default` where there is none that can be read."""
        entry = super().get(key, None, version)
        return default if entry is None else _readable(key, entry, default)

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> None:
        """Store `value`."""
        super().set(key, encode(value), timeout, version)


class SharedCache(RedisCache):
    """Django's cache in Redis with short timeouts; without an answer nothing is stored."""

    _cache: "_Client"

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        timeouts = {
            "socket_timeout": COMMAND_TIMEOUT_SECONDS,
            "socket_connect_timeout": COMMAND_TIMEOUT_SECONDS,
        }
        super().__init__(server, {**params, "OPTIONS": timeouts | params.get("OPTIONS", {})})
        self._class = _Client

    def count(self, keys: Sequence[str], rates: Sequence[tuple[int, int]]) -> list[int]:
        """Increment `keys` one by one, up to the first that exceeds its rate (requests, seconds).

        Return the counts of the incremented keys. All of it is one message to Redis; a count
        expires after the seconds of its rate. Without an answer all counts are 0.
        """
        names = [self.make_and_validate_key(key) for key in keys]
        limits = [number for rate in rates for number in rate]
        return self._cache.count(names, limits)


def forget_outages() -> None:
    """Ask every server again at once, and log every error anew."""
    _away_until.clear()
    _refusals.clear()


class _Serializer:
    """Encodes and decodes entries for Django's client."""

    dumps = staticmethod(encode)
    loads = staticmethod(decode)


class _Client(RedisCacheClient):
    """Django's client, for one thread and one server; commands get that server by `get_client`."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        serializer: Any = _Serializer  # like Django's own, it stores integers as they are
        super().__init__(servers, serializer=serializer, **options)
        self._client = _Redis
        self._known: redis.Redis | None = None

    def get_client(self, key: Any = None, *, write: bool = False) -> redis.Redis:
        if self._known is None:
            self._known = super().get_client(key, write=True)
        if time.monotonic() < _away_until.get(_server(self._known), 0.0):
            raise _AwayError("Redis did not answer a moment ago")
        return self._known

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return _answer(partial(super().add, key, value, timeout), otherwise=False)

    def get(self, key: Any, default: Any) -> Any:
        entry = _answer(lambda: self.get_client(key).get(key), otherwise=None)
        return default if entry is None else _readable(key, entry, default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        _answer(partial(super().set, key, value, timeout), otherwise=None)

    def touch(self, key: Any, timeout: Any) -> bool:
        return _answer(partial(super().touch, key, timeout), otherwise=False)

    def delete(self, key: Any) -> bool:
        return _answer(partial(super().delete, key), otherwise=False)

    def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        names = list(keys)
        entries = _answer(lambda: self.get_client().mget(names), otherwise=None)
        if not isinstance(entries, list):
            return {}
        values = {
            name: _readable(name, entry, None)
            for name, entry in zip(names, entries, strict=False)
            if entry is not None
        }
        return {name: value for name, value in values.items() if value is not None}

    def has_key(self, key: Any) -> bool:
        return _answer(partial(super().has_key, key), otherwise=False)

    def incr(self, key: Any, delta: int) -> int:
        try:
            return int(super().incr(key, delta))
        except redis.RedisError as error:
            _log(error)
            raise ValueError(f"Nothing is counted under {key}") from error

    def set_many(self, data: Mapping[Any, Any], timeout: Any) -> None:
        _answer(partial(super().set_many, data, timeout), otherwise=None)

    def delete_many(self, keys: Iterable[Any]) -> None:
        _answer(partial(super().delete_many, keys), otherwise=None)

    def clear(self) -> bool:
        return _answer(super().clear, otherwise=False)

    def count(self, names: Sequence[str], limits: Sequence[int]) -> list[int]:
        arguments: list[Any] = [*names, *limits]
        used = _answer(
            lambda: self.get_client(write=True).eval(_COUNT, len(names), *arguments),
            otherwise=None,
        )
        if not isinstance(used, list) or not all(isinstance(each, int) for each in used):
            return [0] * len(names)
        return used


class _Redis(redis.Redis):
    """Remembers whether its server answers."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        return _tracking_outages(self, partial(super().execute_command, *args, **options))

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Any:
        pipeline: Any = super().pipeline(transaction, shard_hint)
        pipeline.execute = partial(_tracking_outages, self, pipeline.execute)
        return pipeline


class _AwayError(redis.ConnectionError):
    """The server did not answer, now or a moment ago; in the latter case it was not asked."""


def _tracking_outages(client: redis.Redis, command: Callable[[], T]) -> T:
    server = _server(client)
    try:
        answer = command()
    except redis.ResponseError:  # the server answers, with a refusal
        raise
    except Exception as error:  # a server that is no Redis makes the client raise nearly anything
        is_first = server not in _away_until
        _away_until[server] = time.monotonic() + RETRY_SECONDS
        if is_first:
            logger.warning(
                "event=cache-away why=%s: answers are not cached, requests not counted (%s)",
                type(error).__name__,
                error,
            )
        raise _AwayError(str(error)) from error
    if server in _away_until:
        _away_until.pop(server, None)
        logger.warning("event=cache-back")
    return answer


def _answer(command: Callable[[], T], otherwise: T) -> T:
    try:
        return command()
    except redis.RedisError as error:
        _log(error)
        return otherwise


def _log(error: redis.RedisError) -> None:
    """Log an error that the server answered; an outage has been logged where it began."""
    kind, now = type(error).__name__, time.monotonic()
    if isinstance(error, _AwayError) or now < _refusals.get(kind, now):
        return
    _refusals[kind] = now + REFUSAL_LOG_INTERVAL_SECONDS
    logger.warning("event=cache-refusal why=%s (%s)", kind, error)


def _readable(key: str, entry: Any, default: Any) -> Any:
    try:
        return decode(entry)
    except UnreadableEntryError as error:
        log_unreadable(key, error)
        return default


def _server(client: redis.Redis) -> object:
    where = client.connection_pool.connection_kwargs
    return where.get("path") or (where.get("host"), where.get("port"))
