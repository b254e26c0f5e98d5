"""Values are kept for a while."""

import pytest

from museum.core.caching import ttl_cache
from museum.core.caching.ttl_cache import TtlCache


@pytest.fixture
def now(monkeypatch):
    time = [100.0]
    monkeypatch.setattr(ttl_cache.time, "monotonic", lambda: time[0])
    return time


def test_a_value_is_made_again_when_its_time_is_over(now):
    cache: TtlCache[int] = TtlCache(10)
    assert [cache.get_or_make("a", lambda n=n: n) for n in (1, 2)] == [1, 1]
    assert cache.get_or_make("b", lambda: 3) == 3
    now[0] += 10.1
    assert cache.get_or_make("a", lambda: 4) == 4
    cache.clear()
    assert cache.get_or_make("a", lambda: 5) == 5


def test_a_value_may_say_how_long_it_lasts_and_none_is_one(now):
    cache: TtlCache[int | None] = TtlCache(lambda value: 1 if value is None else 100)
    assert [cache.get_or_make("a", lambda n=n: n) for n in (None, 2)] == [None, None]
    now[0] += 2
    assert cache.get_or_make("a", lambda: 3) == 3
    now[0] += 50
    assert cache.get_or_make("a", lambda: 4) == 3


def test_what_raises_is_not_kept_and_old_entries_make_room():
    cache: TtlCache[int] = TtlCache(100, max_entries=2)
    with pytest.raises(ZeroDivisionError):
        cache.get_or_make("a", lambda: 1 // 0)
    for number, key in enumerate("abc"):
        assert cache.get_or_make(key, lambda number=number: number) == number
    assert cache.get_or_make("a", lambda: 7) == 7
