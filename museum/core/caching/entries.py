"""How values are written into caches: MessagePack of plain data, marked with the release.

Whoever can write to Redis must not be able to run code here, so nothing is pickled and no entry
names a class: a reader says which type it expects. An entry that cannot be read (of another
release, of a class that has changed, cut off, random) is a miss.
"""

import logging
from typing import Any, TypeVar

import msgspec
import numpy as np

from museum import __version__

logger = logging.getLogger(__name__)
T = TypeVar("T")

# No integer begins with a zero byte: those are kept as they are, for Redis to count with.
MARK = f"\0{__version__}\0".encode()
NUMBERS = "biuf"  # kinds of numpy's numbers; its others hold objects or texts
_was_logged = False


class UnreadableEntryError(ValueError):
    """A cache holds something that this release did not write."""


def encode(value: Any) -> int | bytes:
    """Return `value` as an entry; dataclasses, tuples and arrays as the plain data they hold.

    Raises `TypeError` for what is no data.
    """
    return value if type(value) is int else MARK + _ENCODER.encode(value)


def decode(entry: Any) -> Any:
    """Return the plain data of `entry`; raises `UnreadableEntryError`."""
    try:
        return int(entry)
    except (TypeError, ValueError):
        pass
    if not isinstance(entry, bytes) or not entry.startswith(MARK):
        raise UnreadableEntryError("it does not bear the mark of this release")
    try:
        return _DECODER.decode(memoryview(entry)[len(MARK) :])
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise UnreadableEntryError(str(error)) from error


def convert(plain: Any, kind: type[T]) -> T:
    """Return plain data as the `kind` that was encoded; raises `UnreadableEntryError`."""
    try:
        return msgspec.convert(plain, kind, dec_hook=_from_plain)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise UnreadableEntryError(str(error)) from error


def log_unreadable(key: str, error: UnreadableEntryError) -> None:
    """Log the first unreadable entry of this process; a new release may meet thousands."""
    global _was_logged  # noqa: PLW0603 - one line a process
    if not _was_logged:
        _was_logged = True
        logger.warning('event=cache-entry-unreadable key="%s" why="%s"', key, error)


def _to_plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype.kind in NUMBERS:
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, str):  # a safe one of Django's
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} is no plain data, so no cache takes it")


def _from_plain(kind: type, plain: Any) -> Any:
    if kind is not np.ndarray:
        raise TypeError(f"{kind.__name__} is not kept in caches")
    dtype, shape, data = plain
    if np.dtype(dtype).kind not in NUMBERS:
        raise ValueError(f"an array of {dtype} holds no numbers")
    return np.frombuffer(data, dtype).reshape(shape)


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_to_plain)
_DECODER = msgspec.msgpack.Decoder()
