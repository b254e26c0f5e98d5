"""Counting requests, and telling visitors apart."""

import re
import socket

import pytest
from django.core.cache import caches
from django.test import RequestFactory

from museum.core.http import rate_limits


@pytest.fixture(autouse=True)
def counts(settings, monkeypatch):
    caches["throttles"].clear()
    monkeypatch.setattr(rate_limits.time, "time", lambda: 1_000_000_000.0)  # 40 s into a minute
    return caches["throttles"]


def test_a_rate_allows_so_many_requests_in_each_span(monkeypatch):
    used = [rate_limits.take("a", [(2, 60)])[-1] for _ in range(3)]
    assert [quota.is_exceeded for quota in used] == [False, False, True]
    assert [quota.remaining for quota in used] == [1, 0, 0]
    assert used[0].reset == 20
    assert not rate_limits.take("b", [(2, 60)])[-1].is_exceeded
    monkeypatch.setattr(rate_limits.time, "time", lambda: 1_000_000_021.0)
    assert not rate_limits.take("a", [(2, 60)])[-1].is_exceeded


def test_what_the_burst_refuses_does_not_use_up_the_sustained_rate(monkeypatch):
    for _ in range(9):
        rate_limits.take("a", [(2, 60), (5, 86400)])
    monkeypatch.setattr(rate_limits.time, "time", lambda: 1_000_000_021.0)
    burst, sustained = rate_limits.take("a", [(2, 60), (5, 86400)])
    assert (burst.used, sustained.used) == (1, 3)


def test_headers_say_the_policy_what_is_left_and_when_to_come_back():
    rates = [(2, 60), (5, 86400)]
    assert rate_limits.headers(rate_limits.take("a", rates)) == {
        "RateLimit-Policy": '"burst";q=2;w=60, "sustained";q=5;w=86400',
        "RateLimit": '"burst";r=1;t=20, "sustained";r=4;t=80000',
    }
    rate_limits.take("a", rates)
    assert rate_limits.headers(rate_limits.take("a", rates)) == {
        "RateLimit-Policy": '"burst";q=2;w=60',
        "RateLimit": '"burst";r=0;t=20',
        "Retry-After": "20",
    }
    assert rate_limits.headers(rate_limits.take("a", ())) == {}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "who"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, "", "127.0.0.1"),
        (1, "nonsense\t", "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_an_address_is_what_our_own_proxies_say(settings, proxies, forwarded, who):
    settings.NUM_PROXIES = proxies
    request = RequestFactory().get("/", headers={"x-forwarded-for": forwarded})
    assert rate_limits.address(request) == who


@pytest.fixture
def shared(settings, redis_url):
    _use(settings, redis_url)
    caches["throttles"].clear()
    return caches["throttles"]


def _use(settings, server):
    one = {
        "BACKEND": "museum.core.caching.redis_cache.SharedCache",
        "LOCATION": server,
        "KEY_PREFIX": "throttle",
    }
    settings.CACHES = {**settings.CACHES, "throttles": one}


@pytest.mark.redis
def test_redis_counts_for_all_processes(shared):
    assert [rate_limits.take("a", [(2, 60)])[0].used for _ in range(3)] == [1, 2, 3]
    (key,) = shared._cache.get_client().keys("throttle:*")
    assert 0 < shared._cache.get_client().ttl(key) <= 60


@pytest.mark.redis
def test_redis_counts_no_further_than_the_rate_that_refuses(shared):
    rates = [(2, 60), (5, 86400)]
    assert [len(rate_limits.take("a", rates)) for _ in range(9)] == [2, 2, 1, 1, 1, 1, 1, 1, 1]
    keys = sorted(shared._cache.get_client().keys("throttle:*"))
    minute, day = (int(shared._cache.get_client().get(key)) for key in keys)
    assert (minute, day) == (9, 2)
    assert rate_limits.take("a", ()) == []


def test_a_redis_that_is_down_refuses_nobody(settings, caplog):
    _use(settings, "redis://127.0.0.1:1/0")
    assert [rate_limits.take("a", [(1, 60)])[0].is_exceeded for _ in range(3)] == [False] * 3
    assert "not counted" in caplog.text


def test_a_redis_that_says_nothing_is_waited_for_once(settings, monkeypatch):
    monkeypatch.setattr("museum.core.caching.redis_cache.COMMAND_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(5)
        _use(settings, f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        for _ in range(3):
            assert not rate_limits.take("a", [(1, 60)])[0].is_exceeded
        silent.accept()[0].close()
        silent.settimeout(0.2)
        with pytest.raises(TimeoutError):
            silent.accept()
        monkeypatch.setattr(
            "museum.core.caching.redis_cache._away_until", {}
        )  # as if that while were over
        silent.settimeout(5)
        rate_limits.take("a", [(1, 60)])
        silent.accept()[0].close()


def test_too_many_searches_get_a_page_that_says_so(client, db, settings):
    settings.THROTTLE_PAGES = ((1, 60),)
    assert client.get("/search?q=boat").status_code == 200
    refused = client.get("/search?q=%3Cboat%3E")
    assert (refused.status_code, refused["Retry-After"]) == (429, "20")
    text = re.sub(r"\s+", " ", refused.content.decode())
    assert "Please try again in 20 seconds." in text
    assert 'value="&lt;boat&gt;"' in text
    assert client.get("/").status_code == 200
