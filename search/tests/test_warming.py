"""A worker searches once before anybody asks."""

import pytest
from django.db import OperationalError

from search import engine, warming
from search.tests.factories import work


@pytest.mark.django_db(transaction=True)
def test_a_search_is_made_and_kept(monkeypatch):
    work("A boat")
    asked = []
    really = engine.answer
    monkeypatch.setattr(
        engine, "answer", lambda query, *more: asked.append(query.text) or really(query, *more)
    )
    warming.warm()
    assert asked == [warming.QUERY]


def test_a_database_that_is_away_is_told_in_the_log_alone(monkeypatch, caplog):
    def away(query):
        raise engine.SearchUnavailable("away")

    monkeypatch.setattr(engine, "search", away)
    monkeypatch.setattr(warming.connections, "close_all", lambda: None)
    warming.warm()
    assert "Nothing could be loaded ahead: away" in caplog.text
    monkeypatch.setattr(engine, "search", lambda query: (_ for _ in ()).throw(OperationalError()))
    warming.warm()
