"""What caches hold: plain data, and nothing else is read."""

import datetime
import pickle
from dataclasses import dataclass, field

import numpy as np
import pytest
from django.core.cache import caches
from django.utils.safestring import mark_safe

from museum.core.caching import entries, typed_cache
from museum.core.caching.entries import UnreadableEntryError, convert, decode, encode


@dataclass(frozen=True)
class Boat:
    name: str
    length: float | None
    built: datetime.date
    crew: tuple[str, ...] = ()
    parts: dict[str, np.ndarray] = field(default_factory=dict)


BOAT = Boat("Ägir", 12.5, datetime.date(1887, 3, 1), ("Ann", "Ben"))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (7, int),
        (2.5, float),
        ("grün", str),
        (b"\0\xff", bytes),
        ([1, 2], list[int]),
        ({"a": [BOAT]}, dict[str, list[Boat]]),
        (
            (BOAT, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)),
            tuple[Boat, datetime.datetime],
        ),
    ],
)
def test_what_is_written_is_read_as_the_same(value, kind):
    assert convert(decode(encode(value)), kind) == value


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", "<i8", "u1", "?"])
def test_arrays_keep_their_numbers_and_their_shape(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    boat = convert(decode(encode(Boat("A", None, BOAT.built, parts={"hull": array}))), Boat)
    assert boat.parts["hull"].dtype == array.dtype
    np.testing.assert_array_equal(boat.parts["hull"], array)


def test_single_numbers_of_arrays_and_safe_texts_are_plain():
    plain = decode(encode([np.float32(0.5), np.int64(3), np.bool_(True), mark_safe("<b>")]))
    assert plain == [0.5, 3, True, "<b>"]


@pytest.mark.parametrize("value", [object(), np.array([object()]), lambda: 1, [Boat]])
def test_what_is_no_data_is_refused_when_it_is_written(value):
    with pytest.raises(TypeError, match="no plain data"):
        encode(value)


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"\0",
        b"random \xff\x00 bytes",
        pickle.dumps(BOAT),
        encode("boat").replace(entries.MARK, b"\x000.0.1\0"),
        encode("boat")[:-1],
        encode("boat") + b"more",
        entries.MARK + b"\x91" * 5000,
        [b"boat"],
        None,
    ],
)
def test_an_entry_of_another_release_or_none_at_all_is_unreadable(entry):
    with pytest.raises(UnreadableEntryError):
        decode(entry)


@pytest.mark.parametrize(
    ("plain", "kind"),
    [
        ({"name": "Ägir"}, Boat),
        ({"name": "Ägir", "length": "long", "built": "1887-03-01"}, Boat),
        ("boat", list[str]),
        (["|O", [1], b"12345678"], np.ndarray),
        (["<f4", [3], b"1234"], np.ndarray),
        (["<f4"], np.ndarray),
        (["no such type", [1], b"1234"], np.ndarray),
        (5, np.ndarray),
    ],
)
def test_data_of_another_shape_is_unreadable(plain, kind):
    with pytest.raises(UnreadableEntryError):
        convert(plain, kind)


@pytest.fixture(params=["local", "redis"])
def cache(request, settings):
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        one = {
            "BACKEND": "museum.core.caching.redis_cache.SharedCache",
            "LOCATION": url,
            "VERSION": "1.2",
        }
        settings.CACHES = {**settings.CACHES, "default": one}
    caches["default"].clear()
    return caches["default"]


@pytest.mark.redis
def test_both_caches_do_what_django_promises(cache):
    assert cache.get("boat") is None
    assert cache.get("boat", 3) == 3
    cache.set("boat", ["red", 1.5, b"\0", None])
    assert cache.get("boat") == ["red", 1.5, b"\0", None]
    assert not cache.add("boat", 1)
    assert cache.add("count", 1)
    assert cache.incr("count", 4) == cache.get("count") == 5
    assert cache.get_or_set("ship", lambda: "blue") == cache.get("ship") == "blue"
    cache.set_many({"a": "x", "b": False}, 60)
    assert cache.get_many(["a", "b", "c"]) == {"a": "x", "b": False}
    assert cache.has_key("a")
    assert cache.touch("a", 60)
    assert cache.delete("a")
    assert not cache.has_key("a")
    cache.delete_many(["b", "c"])
    assert cache.get_many(["a", "b"]) == {}
    with pytest.raises(ValueError, match="lost"):
        cache.incr("lost")
    with pytest.raises(TypeError, match="no plain data"):
        cache.set("boat", object())


@pytest.mark.redis
def test_what_is_not_of_the_type_is_made_anew_and_logged_once(cache, caplog, monkeypatch):
    monkeypatch.setattr(entries, "_was_logged", False)
    for number in range(2):
        cache.set(f"boat{number}", "a text")
        assert typed_cache.read(f"boat{number}", Boat) is None
        assert typed_cache.read_or_make(f"boat{number}", Boat, lambda: BOAT, 60) == BOAT
        assert typed_cache.read(f"boat{number}", Boat) == BOAT
    assert caplog.text.count("event=cache-entry-unreadable") == 1
