"""Too many requests at once: some are worked at, some wait, the rest are told to come back."""

import threading

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from museum.core.http import load_shedding
from testing.waiting import until


class Site:
    """A site whose requests end when the test says so."""

    def __init__(self):
        self.go, self.begun = threading.Event(), threading.Semaphore(0)
        self.middleware = load_shedding.OverloadMiddleware(self.work)
        self.answers, self.threads = [], []

    def work(self, request):
        self.begun.release()
        assert self.go.wait(20)
        return HttpResponse("done")

    def ask(self, path="/search"):
        return self.middleware(RequestFactory().get(path))

    def ask_apart(self, number):
        for _ in range(number):
            thread = threading.Thread(target=lambda: self.answers.append(self.ask().status_code))
            self.threads.append(thread)
            thread.start()

    def finish(self):
        self.go.set()
        for thread in self.threads:
            thread.join(20)
        return sorted(self.answers)


@pytest.fixture
def site(settings, monkeypatch):
    monkeypatch.setattr(load_shedding, "PATIENCE", 60.0)
    settings.REQUESTS_AT_ONCE, settings.REQUESTS_WAITING = 2, 1
    return Site()


def test_what_finds_no_place_is_refused_at_once_and_the_rest_is_served(site):
    site.ask_apart(3)
    until(lambda: site.middleware.room._value == 0)
    refused = site.ask("/search?q=red+boat")
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert "temporarily unavailable" in refused.content.decode()
    api = site.ask("/api/search?q=a")
    assert (api.status_code, api["Content-Type"]) == (503, "application/problem+json")
    assert site.finish() == [200, 200, 200]
    assert site.ask().status_code == 200


def test_nobody_waits_longer_than_is_bearable(site, monkeypatch):
    monkeypatch.setattr(load_shedding, "PATIENCE", 0.05)
    site.ask_apart(2)
    assert site.begun.acquire(timeout=20)
    assert site.begun.acquire(timeout=20)
    assert site.ask().status_code == 503
    assert site.finish() == [200, 200]


def test_whoever_watches_is_answered_all_the_same(site):
    site.ask_apart(3)
    until(lambda: site.middleware.room._value == 0)
    site.middleware.get_response = lambda request: HttpResponse("well")
    assert site.ask("/readyz").status_code == site.ask("/metrics").status_code == 200
    site.finish()


def test_who_waits_longest_comes_next():
    turns, came = load_shedding.Turns(1), []
    assert turns.take(0)

    def wait(number):
        assert turns.take(20)
        came.append(number)
        turns.give()

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        until(lambda: len(turns._waiting) == len(threads))
    assert not turns.take(0.01)
    turns.give()
    for thread in threads:
        thread.join(20)
    assert came == [0, 1, 2, 3, 4]
    assert turns.take(0)
