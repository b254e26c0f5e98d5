import threading

import pytest

from ingest.pipeline.prefetch import prefetch


def numbers(closed, error=None):
    try:
        yield from range(5)
        if error:
            raise error
    finally:
        closed.append(threading.current_thread())


def test_everything_comes_in_order_from_another_thread():
    closed = []
    assert list(prefetch(numbers(closed), 2)) == [0, 1, 2, 3, 4]
    assert closed != [threading.current_thread()]


def test_an_error_comes_after_what_came_before_it():
    found, came = prefetch(numbers([], ValueError("broken")), 3), []
    with pytest.raises(ValueError, match="broken"):
        came.extend(found)
    assert came == [0, 1, 2, 3, 4]


def test_closed_early_it_closes_what_it_draws_from_and_ends_its_thread():
    closed = []
    found = prefetch(numbers(closed), 2)
    assert next(found) == 0
    found.close()
    assert closed == [threading.current_thread()]
    assert not any(thread.name.startswith("prefetch") for thread in threading.enumerate())
