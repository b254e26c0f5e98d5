import uuid
from datetime import UTC, datetime

import pytest

from ingest.http.circuit_breaker import CircuitBreaker
from ingest.http.shared_state import file
from ingest.tests.processes import together

NOON = datetime(2026, 3, 1, 14, 2, tzinfo=UTC).timestamp()
MINUTE = 60.0


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(redis_or_files, clock) -> CircuitBreaker:
    return CircuitBreaker(
        uuid.uuid4().hex, refusals=3, wait=30 * MINUTE, longest=100 * MINUTE, clock=clock
    )


def refuse(breaker: CircuitBreaker, times: int = 3) -> None:
    for _ in range(times):
        assert breaker.allow()
        breaker.refused("403 challenge")


def test_it_is_closed_to_begin_with(breaker):
    assert breaker.allow()
    assert breaker.status() == "closed"
    assert breaker.next_try() is None


def test_it_opens_after_refusals_in_a_row_and_says_why(breaker):
    refuse(breaker)
    assert not breaker.allow()
    assert breaker.state == "open"
    assert breaker.status() == "open: 403 challenge since 14:02, next try 14:32"
    assert breaker.next_try() == datetime(2026, 3, 1, 14, 32, tzinfo=UTC)


def test_a_picture_that_comes_starts_the_count_anew(breaker):
    refuse(breaker, 2)
    breaker.succeeded()
    refuse(breaker, 2)
    assert breaker.state == "closed"


def test_one_caller_alone_tries_when_the_time_has_come(breaker, clock):
    refuse(breaker)
    clock.now += 30 * MINUTE
    assert breaker.state == "half-open"
    assert breaker.status().endswith("the next picture is a trial")
    assert [breaker.allow() for _ in range(3)] == [True, False, False]
    assert breaker.status() == "half-open: 403 challenge since 14:02, trying one picture"


def test_a_trial_that_succeeds_closes_it(breaker, clock):
    refuse(breaker)
    clock.now += 30 * MINUTE
    assert breaker.allow()
    breaker.succeeded()
    assert breaker.status() == "closed"
    assert breaker.allow()


def test_each_failed_trial_doubles_the_time_up_to_a_cap(breaker, clock):
    refuse(breaker)
    waits = []
    for _ in range(3):
        clock.now = breaker.next_try().timestamp()
        assert breaker.allow()
        breaker.refused("403 challenge")
        waits.append((breaker.next_try().timestamp() - clock.now) / MINUTE)
    assert waits == [60, 100, 100]
    # 14:02 + 30 + 60 + 100 + 100 minutes
    assert breaker.status() == "open: 403 challenge since 14:02, next try 18:52"


def test_a_trial_that_never_ends_is_given_to_another(breaker, clock):
    refuse(breaker)
    clock.now += 30 * MINUTE
    assert breaker.allow()
    clock.now += breaker.patience
    assert breaker.allow()


def test_refusals_of_what_was_asked_before_it_opened_change_nothing(breaker):
    refuse(breaker)
    before = breaker.next_try()
    breaker.refused("403 challenge")
    assert breaker.next_try() == before


def test_it_waits_as_long_as_the_host_asks(breaker, clock):
    refuse(breaker, 2)
    breaker.refused("429", retry_after=7200)
    assert breaker.next_try().timestamp() == clock.now + 7200


def test_times_of_other_days_carry_their_date(breaker, clock):
    clock.now += 9 * 60 * MINUTE + 40 * MINUTE
    refuse(breaker)
    assert breaker.status() == "open: 403 challenge since 23:42, next try 2026-03-02 00:12"


def test_it_can_be_closed_by_hand(breaker):
    refuse(breaker)
    breaker.reset()
    assert breaker.allow()


def test_a_broken_file_counts_as_closed(shared_here, clock):
    breaker = CircuitBreaker("host", clock=clock)
    file("breaker", "host.json").write_text('{"wait": 18')
    assert breaker.status() == "closed"


def test_processes_count_together_and_one_of_them_gets_the_trial(redis_or_files, clock):
    name = uuid.uuid4().hex
    refusing = f"""
from ingest.http.circuit_breaker import CircuitBreaker
for _ in range(25):
    CircuitBreaker({name!r}, refusals=101).refused("403")
print(1)
"""
    together(refusing, 4, redis_url=redis_or_files)
    breaker = CircuitBreaker(name, refusals=101)
    assert breaker.state == "closed"
    breaker.refused("403")
    assert breaker.state == "open"
    trying = f"""
import json, time
from ingest.http.circuit_breaker import CircuitBreaker
print(json.dumps(CircuitBreaker({name!r}, clock=lambda: time.time() + 3600).allow()))
"""
    assert sorted(together(trying, 4, redis_url=redis_or_files)) == [False, False, False, True]
