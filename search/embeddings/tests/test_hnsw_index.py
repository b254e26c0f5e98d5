"""Indexes are built once, and left-overs of killed builds go."""

import threading

import pytest
from django.db import connection, transaction

from search.embeddings import hnsw_index
from testing.factories import give_vector, unit, vector_model, work


@pytest.fixture
def model(transactional_db):
    import numpy as np

    made = vector_model()
    for vector in unit(np.random.default_rng(0), 20):
        give_vector(work(), made, vector)
    return made


def indexes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE '%%hnsw' ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture(autouse=True)
def no_index_is_left(transactional_db):
    yield
    with connection.cursor() as cursor:
        for name in indexes():
            cursor.execute(f'DROP INDEX "{name}"')


def test_one_index_for_each_model_and_kind(model):
    other = vector_model("other", dimension=3)
    names = [hnsw_index.name(m, kind) for m in (model, other) for kind in ("image", "text")]
    assert [*hnsw_index.ensure(model), *hnsw_index.ensure(other)] == names
    assert set(indexes()) >= set(names)
    assert hnsw_index.ensure(model) == []


def test_the_leftover_of_a_killed_build_is_replaced(model):
    hnsw_index.ensure(model)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass",
            [hnsw_index.name(model, "image")],
        )
    assert hnsw_index.rows(model, "image") is None
    assert hnsw_index.ensure(model) == [hnsw_index.name(model, "image")]
    assert hnsw_index.rows(model, "image") == 20


def test_two_builders_at_once_build_it_once(model):
    built: list[str] = []

    def build():
        try:
            built.extend(hnsw_index.ensure(model))
        finally:
            connection.close()

    builders = [threading.Thread(target=build) for _ in range(3)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join(60)
    assert sorted(built) == [hnsw_index.name(model, "image"), hnsw_index.name(model, "text")]


def test_it_is_never_built_within_a_transaction(model):
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        hnsw_index.ensure(model)
