"""Caches that never fail a request: a read that gets no answer is a miss, a write is dropped.

A Redis that is away refuses at once; one that hangs, or a network that lost it, says nothing. It is
then waited for once, and left alone for a while. An outage is logged when it begins and ends.
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

COMMAND_SECONDS = 1.0  # that one command may take
RETRY_SECONDS = 5.0
REFUSAL_LOG_SECONDS = 3600.0  # between two lines about the same refusal of a server that answers
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
# By server, for all threads of this process: servers that are away, and when to ask them again.
_away_until: dict[object, float] = {}
_refusals: dict[str, float] = {}  # by kind, when to log it again


class LocalCache(LocMemCache):
    """Django's in the memory of this process, with entries written as for Redis."""

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> bool:
        """Keep `value` if nothing is kept; return whether nothing was."""
        return super().add(key, encode(value), timeout, version)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Return what is kept, as plain data; `default` where it is nothing readable."""
        entry = super().get(key, None, version)
        return default if entry is None else _readable(key, entry, default)

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> None:
        """Keep `value`."""
        super().set(key, encode(value), timeout, version)


class SharedCache(RedisCache):
    """Django's in Redis with less patience; where there is no answer, nothing is kept."""

    _cache: "_Client"

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        patience = {"socket_timeout": COMMAND_SECONDS, "socket_connect_timeout": COMMAND_SECONDS}
        super().__init__(server, {**params, "OPTIONS": patience | params.get("OPTIONS", {})})
        self._class = _Client

    def count(self, keys: Sequence[str], rates: Sequence[tuple[int, int]]) -> list[int]:
        """Add one to each of `keys`, up to the first beyond its rate (requests, seconds).

        Returns the counts of those, all in one message; each lasts so many seconds. Without an
        answer nothing is counted, and all counts are 0.
        """
        names = [self.make_and_validate_key(key) for key in keys]
        limits = [number for rate in rates for number in rate]
        return self._cache.count(names, limits)


def forget_outages() -> None:
    """Ask every server again at once."""
    _away_until.clear()
    _refusals.clear()


class _Serializer:
    """What Django's client writes and reads entries with."""

    dumps = staticmethod(encode)
    loads = staticmethod(decode)


class _Client(RedisCacheClient):
    """Django's of one thread and one server, which it asks for before each command."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        serializer: Any = _Serializer  # Django's keeps whole numbers as they are, too
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
        known = {
            name: _readable(name, entry, None)
            for name, entry in zip(names, entries, strict=False)
            if entry is not None
        }
        return {name: value for name, value in known.items() if value is not None}

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
    """Remembers of a server whether it answers."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        return _remembering(self, partial(super().execute_command, *args, **options))

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Any:
        pipeline: Any = super().pipeline(transaction, shard_hint)
        pipeline.execute = partial(_remembering, self, pipeline.execute)
        return pipeline


class _AwayError(redis.ConnectionError):
    """The server is not asked: it did not answer a moment ago."""


def _remembering(client: redis.Redis, command: Callable[[], T]) -> T:
    server = _server(client)
    try:
        answer = command()
    except redis.ResponseError:  # it answers, if only to refuse
        raise
    except Exception as error:  # what speaks no Redis makes its client raise nearly anything
        is_first = server not in _away_until
        _away_until[server] = time.monotonic() + RETRY_SECONDS
        if is_first:
            logger.warning(
                "event=cache-away why=%s: answers are made anew, and requests are not counted (%s)",
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
    """Log what a server refuses that answers; an outage has been logged where it began."""
    kind, now = type(error).__name__, time.monotonic()
    if isinstance(error, _AwayError) or now < _refusals.get(kind, now):
        return
    _refusals[kind] = now + REFUSAL_LOG_SECONDS
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
