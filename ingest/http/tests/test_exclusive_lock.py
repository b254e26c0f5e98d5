import itertools
import threading
import time
import uuid

import pytest

from ingest.http.exclusive_lock import exclusive
from ingest.http.shared_state import client, key
from ingest.tests.processes import start, together
from testing.waiting import until

FIVE_TURNS = """
import json, time
from ingest.http.exclusive_lock import exclusive
turns = []
for _ in range(5):
    with exclusive({name!r}):
        began = time.monotonic()
        time.sleep(0.02)
        turns.append((began, time.monotonic()))
print(json.dumps(turns))
"""
HOLD = """
import time
from ingest.http.exclusive_lock import exclusive
with exclusive({name!r}, expiry={expiry}):
    print("in", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def name() -> str:
    return uuid.uuid4().hex


def test_no_two_processes_are_inside_at_once(redis_or_files, name):
    found = together(FIVE_TURNS.format(name=name), 4, redis_url=redis_or_files)
    turns = sorted(tuple(turn) for each in found for turn in each)
    assert len(turns) == 20
    assert all(left <= entered for (_, left), (entered, _) in itertools.pairwise(turns))


def test_no_two_threads_are_inside_at_once(redis_or_files, name):
    inside, most = [], []

    def enter() -> None:
        with exclusive(name):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6


def test_who_waits_too_long_is_told(redis_or_files, name):
    with exclusive(name), pytest.raises(TimeoutError, match="held"), exclusive(name, timeout=0.1):
        pass
    with exclusive(name, timeout=0):
        pass


def test_a_killed_holder_lets_go(redis_or_files, name):
    holder = start(HOLD.format(name=name, expiry=1.0), redis_url=redis_or_files)
    assert holder.stdout.readline() == "in\n"
    with pytest.raises(TimeoutError), exclusive(name, timeout=0.1):
        pass
    holder.kill()
    holder.wait()
    with exclusive(name, timeout=10):
        pass


@pytest.mark.redis
def test_another_machine_stays_out_for_longer_than_the_expiry(
    settings, shared_here, tmp_path, redis_url, name
):
    settings.REDIS_URL = redis_url
    holder = start(HOLD.format(name=name, expiry=1.5), redis_url=redis_url)
    assert holder.stdout.readline() == "in\n"
    settings.DATA_DIR = tmp_path / "another-machine"
    with pytest.raises(TimeoutError, match="another machine"), exclusive(name, timeout=3):
        pass
    holder.kill()
    holder.wait()


@pytest.mark.redis
def test_the_holder_claims_the_key_again_when_redis_has_forgotten_it(
    settings, shared_here, redis_url, name
):
    settings.REDIS_URL = redis_url
    server = client(redis_url)
    with exclusive(name, expiry=0.3):
        server.delete(key("exclusive", name))
        until(lambda: server.get(key("exclusive", name)))
    assert server.get(key("exclusive", name)) is None


@pytest.mark.redis
def test_a_key_that_another_holds_is_left_to_them(settings, shared_here, redis_url, name):
    settings.REDIS_URL = redis_url
    server = client(redis_url)
    with exclusive(name, expiry=0.3):
        server.set(key("exclusive", name), "another")
        time.sleep(0.4)
    assert server.get(key("exclusive", name)) == b"another"
