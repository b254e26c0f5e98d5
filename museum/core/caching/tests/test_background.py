"""Figures that are counted behind a page."""

import threading

import pytest

from museum.core.caching import background


@pytest.fixture
def patience(monkeypatch):
    """No page waits."""
    monkeypatch.setattr(background, "PATIENCE", 0)


@pytest.mark.django_db(transaction=True)
def test_the_last_figures_stand_while_one_thread_counts_anew(patience):
    counted = iter(range(100))
    go_on = threading.Event()

    def count() -> int:
        go_on.wait(60)
        return next(counted)

    def ask(fresh: float) -> int | None:
        found = background.lately("boats", int, count, lambda _: fresh)
        return None if found is None else found.value

    assert [ask(60), ask(60)] == [None, None]
    go_on.set()
    background.settle()
    assert [ask(60), ask(60)] == [0, 0]
    go_on.clear()
    assert [ask(0), ask(0)] == [0, 0]
    go_on.set()
    background.settle()
    assert ask(60) == 1


@pytest.mark.django_db(transaction=True)
def test_what_fails_is_logged_and_counted_again(patience, caplog):
    background.lately("boats", int, lambda: 1 // 0, lambda _: 60)
    background.settle()
    assert "what=boats" in caplog.text
    background.lately("boats", int, lambda: 7, lambda _: 60)
    background.settle()
    assert background.lately("boats", int, lambda: 8, lambda _: 60).value == 7
