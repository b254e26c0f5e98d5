"""Wishes add up; what is not wished for turns the query, and never becomes its subject."""

import numpy as np
import pytest

from search import tasks
from search.engine import search, similar
from search.models import Embedding
from search.query.query import Query
from search.retrieval import query_vector
from search.retrieval.vector_composition import compose
from testing.factories import unit, work


@pytest.fixture
def vectors():
    return list(unit(np.random.default_rng(4), 6, 64))


def test_wishes_are_the_weighted_sum_made_a_unit(vectors):
    a, b, *_ = vectors
    plain = 2 * a + b
    np.testing.assert_allclose(compose([(2, a), (1, b)]), plain / np.linalg.norm(plain), atol=1e-6)


def test_what_is_not_wished_for_is_pushed_away_and_the_wish_stays(vectors):
    wish, *unwished = vectors
    for number in (1, 5):
        turned = compose([(1, wish)], [(1, each) for each in unwished[:number]])
        assert np.linalg.norm(turned) == pytest.approx(1, abs=1e-5)
        assert turned @ wish >= 0.85
        assert turned @ unwished[0] < wish @ unwished[0]


def test_what_wish_and_unwished_share_is_kept(vectors):
    common, wish, unwished = vectors[0] * 5, vectors[1], vectors[2]
    one, other = (v / np.linalg.norm(v) for v in (common + wish, common + unwished))
    turned = compose([(1, one)], [(1, other)])
    assert turned @ vectors[0] > 0.75 * (one @ vectors[0])


def test_the_same_wished_and_unwished_changes_nothing(vectors):
    np.testing.assert_allclose(compose([(1, vectors[0])], [(1, vectors[0])]), vectors[0], atol=1e-4)


def test_nothing_wished_is_nothing(vectors):
    assert compose([], [(1, vectors[0])]) is None
    assert compose([(1, vectors[0]), (1, -vectors[0])]) is None


@pytest.mark.parametrize(
    ("typed", "meaning", "avoided", "excluded"),
    [
        ("boats without people", "boats", ("people",), ()),
        ("boats without any people on the sea", "boats on the sea", ("people",), ()),
        ("a hill without trees or houses", "a hill", ("trees or houses",), ()),
        ("boats -people", "boats", ("people",), ("people",)),
        ('"man without people" sea', "man without people sea", (), ()),
        ("without people", "without people", (), ()),
        ("boats without", "boats without", (), ()),
    ],
)
def test_without_is_read(typed, meaning, avoided, excluded):
    query = Query.parse(typed)
    assert (query.meaning, query.avoided, query.excluded) == (meaning, avoided, excluded)


@pytest.fixture
def museum(tiny):
    works = [work(f"Boat {n}", seed=n) for n in range(8)]
    tasks.embed_artworks([each.pk for each in works])
    return tiny, works


def order(**asked) -> list[int]:
    return [hit.artwork.artic_id for hit in search.search(Query.parse("", **asked)).hits]


def test_like_a_work_ranks_by_its_picture_and_leaves_it_out(museum):
    _, works = museum
    expected = [hit.artwork.artic_id for hit in similar.similar_pictures(works[0], 12)]
    assert order(like=(works[0].artic_id,)) == expected


def test_unlike_a_work_pushes_it_down_and_leaves_it_out(museum):
    model, works = museum
    vectors = {
        row.artwork.artic_id: np.asarray(row.vector, np.float32)
        for row in Embedding.objects.filter(model=model).select_related("artwork")
    }
    one, other = works[0].artic_id, works[1].artic_id
    turned = compose([(1, vectors[one])], [(1, vectors[other])])
    rest = sorted(set(vectors) - {one, other}, key=lambda n: -float(vectors[n] @ turned))
    assert order(like=(one,), unlike=(other,)) == rest


def test_avoided_words_turn_the_query(museum):
    model, _ = museum
    plain, _ = query_vector.build_query_vector(Query.parse("red boat"), model)
    turned, _ = query_vector.build_query_vector(
        Query.parse("red boat without people -horse"), model
    )
    horse, _ = query_vector.build_query_vector(Query.parse("horse"), model)
    assert turned @ horse < plain @ horse


def test_a_work_without_a_picture_is_named(museum):
    found = search.search(Query.parse("red boat", like=(987_654,)))
    assert "987654" in found.warnings[0]
    assert found.hits
