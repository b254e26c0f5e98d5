"""An answer is made once, and again when what it was made of has changed."""

import pytest

from museum.core.text.messages import Message
from museum.models import Artwork
from search.embeddings import registry
from search.engine import answer_cache, search
from search.query.query import Query
from search.retrieval import query_vector
from testing.factories import vector_model, work


@pytest.fixture
def asked(monkeypatch, db):
    """The queries that an answer was made for."""
    made: list[str] = []
    really = search.answer

    def answer(query, *args):
        made.append(query.text)
        return really(query, *args)

    monkeypatch.setattr(search, "answer", answer)
    monkeypatch.setattr(query_vector, "build_query_vector", lambda query, model: (None, []))
    return made


def titles(typed: str, **more) -> list[str]:
    return [hit.artwork.title for hit in search.search(Query.parse(typed, **more)).hits]


def test_the_same_search_is_answered_from_what_is_kept(asked):
    work("Red Boat")
    first, second = titles("boat"), titles("boat")
    assert first == second == ["Red Boat"]
    assert asked == ["boat"]
    assert titles("boat", limit=5) == first
    assert asked == ["boat"] * 2  # another page is another answer


def test_a_new_work_is_found_at_once(asked):
    work("Red Boat")
    titles("boat")
    work("Blue Boat")
    assert set(titles("boat")) == {"Red Boat", "Blue Boat"}


def test_a_work_that_is_hidden_meanwhile_is_not_shown(asked, monkeypatch):
    work("Red Boat")
    work("Blue Boat")
    monkeypatch.setattr(answer_cache.data_version, "version", lambda tables: "unchanged")
    titles("boat")
    Artwork.objects.filter(title="Red Boat").update(is_hidden=True)
    assert titles("boat") == ["Blue Boat"]
    assert asked == ["boat"]


def test_an_answer_that_lacks_a_part_is_not_kept(asked, monkeypatch):
    monkeypatch.setattr(
        query_vector,
        "build_query_vector",
        lambda query, model: (None, ["The model does not load."]),
    )
    model = vector_model()
    monkeypatch.setattr(registry, "active", lambda: model)
    work("Red Boat")
    for _ in range(2):
        assert search.search(Query.parse("boat")).warnings == ["The model does not load."]
    assert asked == ["boat"] * 2


def test_an_answer_to_words_that_no_model_knows_is_kept(asked, monkeypatch):
    monkeypatch.setattr(
        query_vector, "limitation_warnings", lambda query, model: [Message("It never saw that.")]
    )
    model = vector_model()
    monkeypatch.setattr(registry, "active", lambda: model)
    work("Red Boat")
    for _ in range(2):
        assert search.search(Query.parse("boat")).warnings == ["It never saw that."]
    assert asked == ["boat"]


def test_a_cache_that_is_down_costs_no_answer(asked, settings):
    down = {
        "BACKEND": "museum.core.caching.redis_cache.SharedCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
    settings.CACHES = {**settings.CACHES, "default": down}
    work("Red Boat")
    assert titles("boat") == titles("boat") == ["Red Boat"]


def test_no_answer_of_one_model_is_given_for_another(asked, monkeypatch):
    work("Red Boat")
    for model in (vector_model("one"), vector_model("other")):
        monkeypatch.setattr(registry, "active", lambda model=model: model)
        assert search.search(Query.parse("boat")).model == model
    assert asked == ["boat"] * 2
