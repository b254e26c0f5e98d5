"""Web processes ask again after a moment; everybody else asks each time."""

import sys

import pytest

from museum.core.caching import memoize, ttl_cache


@pytest.fixture
def asked():
    made = []

    @memoize.briefly
    def ask(name):
        made.append(name)
        if name == "bad":
            raise LookupError(name)
        return len(made)

    ask.made = made
    return ask


def test_commands_ask_each_time(asked):
    assert [asked("one"), asked("one")] == [1, 2]


def test_a_web_process_asks_again_after_a_moment(asked, monkeypatch):
    monkeypatch.setitem(sys.modules, "museum.wsgi", object())
    now = [100.0]
    monkeypatch.setattr(ttl_cache.time, "monotonic", lambda: now[0])
    assert [asked("one"), asked("one"), asked("other")] == [1, 1, 2]
    now[0] += memoize.BRIEF_TTL_SECONDS + 0.01
    assert [asked("one"), asked("other")] == [3, 4]


def test_what_failed_is_asked_again(asked, monkeypatch):
    monkeypatch.setitem(sys.modules, "museum.wsgi", object())
    for _ in range(2):
        with pytest.raises(LookupError):
            asked("bad")
    assert asked.made == ["bad", "bad"]
