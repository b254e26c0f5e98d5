"""Typed reading of one JSON object of a museum.

An absent key counts as null, and so does an empty string. Odd values of the right type stay as they
are: years may be negative or reversed, titles hold any script. A value of the wrong type raises
`InvalidRecordError`, which names the field and the value.
"""

from datetime import UTC, datetime
from typing import Any

from ingest.sources.record import InvalidRecordError
from ingest.sources.text import storable

LARGEST_ID = 2**63 - 1
LARGEST_INT = 2**31 - 1


class Fields:
    """One JSON object; `within` is the path to it in error messages, such as `thumbnail.`."""

    __slots__ = ("raw", "within")

    def __init__(self, raw: Any, within: str = "") -> None:
        if not isinstance(raw, dict):
            raise InvalidRecordError(within.rstrip(".") or "record", raw, "an object")
        self.raw: dict[str, Any] = raw
        self.within = within

    def id(self, name: str) -> int:
        """Return the record's own number, from 1 up; null is an error."""
        number = self.integer(name, 1, LARGEST_ID)
        if number is None:
            raise self._invalid(name, None, "a whole number")
        return number

    def text(self, name: str) -> str | None:
        """Return a text that can be stored, trimmed; None where it is empty."""
        value = self.raw.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._invalid(name, value, "text or null")
        return storable(value) or None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, without empty ones and repetitions."""
        value = self.raw.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(v is None or isinstance(v, str) for v in value):
            raise self._invalid(name, value, "a list of texts or null")
        return tuple(dict.fromkeys(text for v in value if v and (text := storable(v))))

    def integer(self, name: str, least: int = -LARGEST_INT, most: int = LARGEST_INT) -> int | None:
        """Return a whole number from `least` to `most`."""
        value = self.raw.get(name)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._invalid(name, value, f"a whole number from {least} to {most} or null")
        return value

    def integers(self, name: str) -> list[int]:
        """Return a list of whole numbers; empty where it is null."""
        value = self.raw.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(type(v) is int for v in value):
            raise self._invalid(name, value, "a list of whole numbers or null")
        return value

    def boolean(self, name: str) -> bool | None:
        """Return true, false or None."""
        value = self.raw.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._invalid(name, value, "true, false or null")
        return value

    def object(self, name: str) -> "Fields | None":
        """Return the object under `name`; None where it is null or empty."""
        value = self.raw.get(name)
        if value is not None and not isinstance(value, dict):
            raise self._invalid(name, value, "an object or null")
        return Fields(value, f"{self.within}{name}.") if value else None

    def objects(self, name: str) -> list["Fields"]:
        """Return the objects of a list; empty where it is null."""
        value = self.raw.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._invalid(name, value, "a list of objects or null")
        return [Fields(each, f"{self.within}{name}.") for each in value]

    def time(self, name: str) -> datetime | None:
        """Return an ISO 8601 date and time, in UTC unless it says otherwise."""
        value = self.text(name)
        if value is None:
            return None
        try:
            time = datetime.fromisoformat(value)
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            expected = "a date and time such as 2024-01-31T12:00:00Z"
            raise self._invalid(name, value, expected) from error

    def _invalid(self, name: str, value: Any, expected: str) -> InvalidRecordError:
        return InvalidRecordError(self.within + name, value, expected)
