"""Relevance ends where chance begins."""

import numpy as np
import pytest

from search.engine import results, search
from search.query.query import Query
from search.ranking.levels import reaches
from search.ranking.matches import ChannelRank
from search.ranking.relevance import Background
from search.retrieval import background_sample
from search.retrieval.background_sample import background
from testing.factories import give_vector, unit, vector_model, work

DIMENSION = 32


@pytest.fixture(autouse=True)
def fresh():
    background_sample.forget()


@pytest.fixture
def museum(db):
    """60 works by chance, and five whose pictures are near the first axis."""
    rng = np.random.default_rng(1)
    model = vector_model(dimension=DIMENSION)
    for vector in unit(rng, 60, DIMENSION):
        give_vector(work("Other"), model, vector)
    for n in range(5):
        near = np.eye(DIMENSION)[0] + unit(rng, 1, DIMENSION)[0] * 0.3
        give_vector(work(f"Near {n}"), model, near / np.linalg.norm(near))
    return model


def test_z_is_the_formula_over_the_sample(museum):
    query = np.eye(DIMENSION, dtype=np.float32)[0]
    rows = museum.embeddings.order_by("artwork").values_list("vector", flat=True)
    cosines = np.array([np.asarray(row, np.float32) for row in rows]) @ query
    chance = background({"image": (museum, query), "text": (museum, query)})
    assert chance.z("image", 0.5) == pytest.approx((0.5 - cosines.mean()) / cosines.std(), rel=1e-3)
    assert chance.z("text", 0.5) is None


def test_what_stands_out_is_strong_or_related_and_the_rest_weak(museum):
    query = np.eye(DIMENSION, dtype=np.float32)[0]
    found = search.answer(Query.parse("zzz"), museum, query)
    assert found.count == 65
    levels = {hit.artwork.title[:4]: hit.relevance for hit in results.load_hits(found.places[:5])}
    assert levels["Near"] in {"strong", "related"}
    assert found.places[-1].relevance == "weak"
    shown = search.answer(Query.parse("zzz", min_relevance="related"), museum, query)
    assert {place.relevance for place in shown.places} <= {"strong", "related"}
    assert shown.count == len(shown.places) < 15
    assert shown.places == found.places[: shown.count]


def test_works_that_carry_all_the_words_are_strong(museum):
    work("Goat on a Hill")
    query = Query.parse("goat hill", min_relevance="strong")
    (hit,) = results.load_hits(search.answer(query, None, None).places)
    assert (hit.artwork.title, hit.z) == ("Goat on a Hill", None)


@pytest.mark.parametrize(
    ("channels", "level"),
    [
        ({"image": ChannelRank(1, 0.40)}, "strong"),
        ({"image": ChannelRank(1, 0.35)}, "related"),
        ({"image": ChannelRank(1, 0.25)}, "weak"),
        ({"image": ChannelRank(1, 0.25), "words": ChannelRank(1, 1.0, 0.9)}, "strong"),
        ({"words": ChannelRank(1, 1.0, 0.5)}, "related"),
        ({"words": ChannelRank(1, 1.0, 0.1)}, "weak"),
        ({"text": ChannelRank(1, 0.9)}, "related"),
    ],
)
def test_levels(channels, level):
    assert Background({"image": (0.2, 0.06)}).level(channels) == level


def test_a_level_reaches_those_below():
    assert reaches("strong", "related")
    assert reaches("weak", "")
    assert not reaches("weak", "related")
