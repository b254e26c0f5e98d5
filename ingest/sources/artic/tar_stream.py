"""A tar archive as a stream, once through: names and contents of its files.

The standard library's `tarfile` reads streams too, but keeps an object for each member (hundreds
of megabytes for a data dump) and takes as long over its members as bzip2 over their contents.
Format: POSIX.1-1988 (ustar) with GNU and pax long names.
"""

from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import NamedTuple

BLOCK = 512
FILE_TYPES = b"0\x007"
# Long names and pax headers describe the next member; nobody's path is longer than this.
MAX_HEADER = 1024 * 1024
_SKIP = 1024 * 1024
_CHECKSUM = slice(148, 156)


class TarError(Exception):
    """What follows is no tar archive; the message says where that was seen."""


class Member(NamedTuple):
    """One file. `content` is None where it is larger than asked for."""

    name: str
    size: int
    content: bytes | None


def members(
    stream: BufferedReader, is_wanted: Callable[[str], object], max_bytes: int
) -> Iterator[Member]:
    """Yield the files with `is_wanted` names, in the archive's order.

    Raises `EOFError` where the archive ends within a member or without its end mark, and
    `TarError` where it is broken.
    """
    position, long_name, long_size = 0, "", -1
    while True:
        header = stream.read(BLOCK)
        if not header.strip(b"\0"):
            if len(header) < BLOCK:
                raise EOFError
            return
        size = _number(header[124:136]) if _is_header(header) else -1
        if size < 0:
            raise TarError(f"byte {position} of the archive does not begin a member")
        kind = header[156:157]
        if kind in {b"L", b"x", b"K", b"g"}:
            described = _read(stream, size, MAX_HEADER) or b""
            if kind == b"L":
                long_name = _text(described.rstrip(b"\0"))
            elif kind == b"x":
                pax = _pax(described)
                long_name = pax.get("path", long_name)
                long_size = _decimal(pax.get("size", ""))
        else:
            size = long_size if long_size >= 0 else size
            name = long_name or _name(header)
            if kind in FILE_TYPES and is_wanted(name):
                yield Member(name, size, _read(stream, size, max_bytes))
            else:
                _read(stream, size, 0)
            long_name, long_size = "", -1
        position += BLOCK + _padded(size)


def _read(stream: BufferedReader, size: int, max_bytes: int) -> bytes | None:
    """Return the member's content and read its padding; None, and skip it, above `max_bytes`."""
    left = _padded(size)
    if size <= max_bytes:
        content = stream.read(left)
        if len(content) < left:
            raise EOFError
        return content[:size]
    while left:
        skipped = len(stream.read(min(left, _SKIP)))
        if not skipped:
            raise EOFError
        left -= skipped
    return None


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _is_header(header: bytes) -> bool:
    if len(header) < BLOCK:
        raise EOFError
    # The checksum counts its own field as spaces.
    return sum(header) - sum(header[_CHECKSUM]) + 8 * 32 == _number(header[_CHECKSUM])


def _number(field: bytes) -> int:
    if field[0] == 0x80:  # GNU: a binary number, for what has no room in octal
        return int.from_bytes(field[1:], "big")
    try:
        return int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        return -1


def _name(header: bytes) -> str:
    name = header[:100].rstrip(b"\0")
    # GNU's own format has other fields where POSIX keeps the beginning of a long path.
    prefix = header[345:500].rstrip(b"\0") if header[257:263] == b"ustar\0" else b""
    return _text(prefix + b"/" + name if prefix else name)


def _pax(records: bytes) -> dict[str, str]:
    """`{keyword: value}` of records such as `27 path=json/artworks/1.json\\n`."""
    keywords = {}
    while records:
        prefix, _, rest = records.partition(b" ")
        length = _decimal(_text(prefix))
        if length <= len(prefix):
            break
        keyword, _, value = rest[: length - len(prefix) - 2].partition(b"=")
        keywords[_text(keyword)] = _text(value)
        records = records[length:]
    return keywords


def _decimal(text: str) -> int:
    return int(text) if len(text) < 20 and text.isascii() and text.isdigit() else -1


def _text(name: bytes) -> str:
    return name.decode(errors="replace")
