import itertools
import math
import threading
import time
import uuid

import pytest

from ingest.http.shared_state import file
from ingest.http.token_bucket import SLACK, TokenBucket
from ingest.tests.processes import together

TAKE_TEN = """
import json, time
from ingest.http.token_bucket import TokenBucket

class Noted(TokenBucket):
    def _attempt(self):
        self.before = time.monotonic()
        return super()._attempt()

bucket, times = Noted({name!r}, 20), []
for _ in range(10):
    assert bucket.take()
    times.append((bucket.before, time.monotonic()))
print(json.dumps(times))
"""


def name() -> str:
    return uuid.uuid4().hex


def test_processes_together_never_go_faster_than_one_may(redis_or_files):
    taken = together(TAKE_TEN.format(name=name()), 4, redis_url=redis_or_files)
    befores, afters = map(sorted, zip(*itertools.chain(*taken), strict=True))
    assert len(afters) == 40
    # Twenty a second: whatever second one looks at, it holds no more. A token was taken at some
    # time between the two, however long a process had to wait for its turn on this machine.
    assert all(late - early > 1.0 for early, late in zip(befores, afters[20:], strict=False))
    # And not one process after another, each at a pace of its own: 39 gaps of 51 ms are 2 s.
    assert afters[-1] - befores[0] < 39 * SLACK / 20 * 3


def test_threads_of_one_process_share_the_bucket(redis_or_files):
    bucket, times = TokenBucket(name(), 50), []
    began = time.monotonic()

    def take() -> None:
        for _ in range(5):
            bucket.take()
            times.append(time.monotonic())

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(times) - began >= 24 * 0.02


def test_saved_tokens_may_go_at_once_up_to_the_burst(redis_or_files):
    bucket = TokenBucket(name(), 1, burst=3)
    assert [bucket.take(timeout=0) for _ in range(4)] == [True, True, True, False]


def test_it_gives_up_when_no_token_comes_in_time(redis_or_files):
    bucket = TokenBucket(name(), 0.1)
    assert bucket.take(timeout=0)
    start = time.monotonic()
    assert not bucket.take(timeout=0.2)
    assert 0.15 < time.monotonic() - start < 2


def test_buckets_of_different_names_do_not_wait_for_each_other(redis_or_files):
    assert all(TokenBucket(name(), 0.01).take(timeout=0) for _ in range(3))


def test_an_infinite_rate_never_waits(redis_or_files):
    bucket = TokenBucket(name(), math.inf)
    start = time.monotonic()
    assert all(bucket.take() for _ in range(1000))
    assert time.monotonic() - start < 1


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (math.nan, 1), (1, 0)])
def test_a_rate_or_burst_that_would_never_give_a_token_is_refused(rate, burst):
    with pytest.raises(ValueError, match="above zero"):
        TokenBucket("bucket", rate, burst)


@pytest.mark.parametrize("content", ["99999999999.0", "torn", "nan"])
def test_a_file_from_before_the_machine_started_costs_one_interval_at_most(shared_here, content):
    bucket = TokenBucket("bucket", 10)
    file("bucket", "bucket").write_text(content)
    assert bucket.take(timeout=1)
