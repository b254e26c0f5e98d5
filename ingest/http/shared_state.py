"""State that several processes share: in Redis where there is one, else in files.

Files lie in `DATA_DIR/shared` and are guarded by `flock`, which the kernel releases when a process
dies. They serve the processes of one machine; several machines need `REDIS_URL`.
"""

import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import redis
from django.conf import settings
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

T = TypeVar("T")
State = dict[str, Any]
POLL_SECONDS = 0.01  # between two looks at a lock
# With its growing pauses this waits about half a minute: long enough for Redis to restart.
_RETRIES = 34
_UNSAFE = re.compile(r"[^\w.-]")


@cache
def client(url: str) -> redis.Redis:
    """Return the connection pool of this process; it waits out a restart of Redis."""
    return redis.Redis.from_url(
        url,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), _RETRIES),
        socket_connect_timeout=2,
        socket_timeout=5,
    )


def key(kind: str, name: str) -> str:
    """Return the key in Redis of `name`, which may be any text."""
    return f"ekphrasis:{kind}:{name}"


def file(kind: str, name: str) -> Path:
    """Return the file of `name` on this machine; its folder exists."""
    folder = Path(settings.DATA_DIR) / "shared"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{kind}-{_UNSAFE.sub('_', name)}"


@contextmanager
def locked(path: Path, timeout: float | None = None) -> Iterator[int]:
    """Hold `path` alone among the threads and processes of this machine.

    Gives a descriptor open for reading and writing. Raises `TimeoutError` after `timeout` seconds.
    """
    # Not inherited over exec, or a child that outlives its parent would keep the lock.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _flock(descriptor, path, timeout)
        yield descriptor
    finally:
        os.close(descriptor)


def _flock(descriptor: int, path: Path, timeout: float | None) -> None:
    if timeout is None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError(f"{path.name} is held by another") from None
        time.sleep(POLL_SECONDS)


class Shared(Protocol):
    """A small JSON object that many read and change; an absent or broken one counts as empty."""

    def read(self) -> State: ...

    def change(self, change: Callable[[State], tuple[State, T]]) -> T:
        """Store the first of what `change` returns, and return the second.

        Nobody else changes the object meanwhile; `change` may be called more than once.
        """
        ...


def shared(kind: str, name: str) -> Shared:
    """Return the object of this kind called `name`."""
    if settings.REDIS_URL:
        return InRedis(client(settings.REDIS_URL), key(kind, name))
    return InFile(file(kind, name))


class InFile:
    """`Shared` among the processes of one machine."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}.json")
        self._lock = path.with_name(f"{path.name}.lock")

    def read(self) -> State:
        try:
            return _state(self._path.read_bytes())
        except FileNotFoundError:
            return {}

    def change(self, change: Callable[[State], tuple[State, T]]) -> T:
        with locked(self._lock):
            new, answer = change(self.read())
            # Renamed into place: a reader or a killed process never leaves half a file.
            partial = self._path.with_suffix(".partial")
            partial.write_text(json.dumps(new))
            partial.replace(self._path)
        return answer


class InRedis:
    """`Shared` among all processes with one Redis."""

    def __init__(self, client: redis.Redis, key: str) -> None:
        self._redis, self._key = client, key

    def read(self) -> State:
        return _state(self._redis.get(self._key))

    def change(self, change: Callable[[State], tuple[State, T]]) -> T:
        while True:
            with self._redis.pipeline() as pipe:
                try:
                    pipe.watch(self._key)
                    new, answer = change(_state(pipe.get(self._key)))
                    pipe.multi()
                    pipe.set(self._key, json.dumps(new))
                    pipe.execute()
                    return answer
                except redis.WatchError:
                    continue


def _state(stored: Any) -> State:
    try:
        value = json.loads(stored or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
