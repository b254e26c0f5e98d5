"""A worker searches once before anybody asks."""

import pytest
from django.db import OperationalError

from search import warmup
from search.engine import errors, search
from testing.factories import work


@pytest.mark.django_db(transaction=True)
def test_a_search_is_made_and_kept(monkeypatch):
    work("A boat")
    asked = []
    really = search.answer
    monkeypatch.setattr(
        search, "answer", lambda query, *more: asked.append(query.text) or really(query, *more)
    )
    warmup.warm()
    assert asked == [warmup.QUERY]


def test_a_database_that_is_away_is_told_in_the_log_alone(monkeypatch, caplog):
    def away(query):
        raise errors.SearchUnavailableError("away")

    monkeypatch.setattr(search, "search", away)
    monkeypatch.setattr(warmup.connections, "close_all", lambda: None)
    warmup.warm()
    assert "Nothing could be loaded ahead: away" in caplog.text
    monkeypatch.setattr(search, "search", lambda query: (_ for _ in ()).throw(OperationalError()))
    warmup.warm()
