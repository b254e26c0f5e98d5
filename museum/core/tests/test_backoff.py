"""Waits grow, end, and are spread."""

from museum.core.backoff import backoff_seconds


def test_each_failure_doubles_the_wait_up_to_the_longest():
    waits = [backoff_seconds(number, first=0.25, longest=1.5) for number in range(1, 6)]
    assert waits == [0.25, 0.5, 1.0, 1.5, 1.5]


def test_jitter_spreads_waits_by_half():
    waits = {backoff_seconds(3, first=1.0, jitter=0.5) for _ in range(50)}
    assert len(waits) > 1
    assert 2.0 <= min(waits) <= max(waits) <= 6.0
