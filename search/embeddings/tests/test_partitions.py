"""Vectors in partitions: the same answers, indexes, counts and writes; and the way back."""

import numpy as np
import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from museum.core.database.url import database_url
from museum.models import Artwork
from search.embeddings import hnsw_index, partitions
from search.engine import data_version
from search.models import Embedding
from search.ranking import tuning
from search.retrieval import vectors
from search.retrieval.candidates import Scope
from testing.factories import give_vector, unit, vector_model, work
from testing.waiting import until

pytestmark = pytest.mark.slow  # every test makes two thousand works

IMAGE = Embedding.Kind.IMAGE
WORKS = 2000
SHAPE = """
SELECT 'column', attname::text, concat_ws(' ', format_type(atttypid, atttypmod), attnotnull,
    attidentity, attstorage)
FROM pg_attribute WHERE attrelid = 'search_embedding'::regclass AND attnum > 0
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid = 'search_embedding'::regclass
UNION ALL SELECT 'index', c.relname, concat_ws(' ', pg_get_indexdef(c.oid), i.indisvalid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = 'search_embedding'::regclass
UNION ALL SELECT 'id', pg_get_serial_sequence('search_embedding', 'id'), NULL
ORDER BY 1, 2
"""


def ask(statement: str, params: object = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def model(transactional_db, monkeypatch):
    monkeypatch.setattr(tuning, "EXACT_SCAN_ROWS", 100)
    made = vector_model()
    works = Artwork.objects.bulk_create(
        Artwork(artic_id=n, title="x", record_hash="-", is_hidden=n % 7 == 0)
        for n in range(10**6, 10**6 + WORKS)
    )
    Embedding.objects.bulk_create(
        Embedding(artwork=each, model=made, kind=IMAGE, source_hash="-", vector=vector.tolist())
        for each, vector in zip(works, unit(np.random.default_rng(6), WORKS), strict=True)
    )
    hnsw_index.ensure(made)
    ask("ANALYZE search_embedding, museum_artwork")
    yield made
    if partitions.names():
        call_command("partition_embeddings", "1")
    hnsw_index.drop_concurrently(made)


def found(model, **options) -> list[int]:
    query = unit(np.random.default_rng(7), 1)[0]
    with transaction.atomic():
        ranked = vectors.rank_by_vector(
            model, IMAGE, query, Artwork.objects.visible(), depth=50, **options
        )
    return [match.artic_id for match in ranked]


def plan(model) -> str:
    query = unit(np.random.default_rng(7), 1)[0]
    statement, params = vectors.nearest_sql(
        model, IMAGE, query, Scope(Artwork.objects.visible()), limit=10, use_index=True
    )
    explain = "EXPLAIN " + statement.as_string(connection.connection)
    return "\n".join(row[0] for row in ask(explain, params))


def test_divided_and_made_one_again_it_is_as_before(model, capsys):
    shape, rows = ask(SHAPE), ask("SELECT * FROM search_embedding ORDER BY id")
    exact = found(model, exact=True)
    call_command("partition_embeddings", "4", memory="64MB")
    assert capsys.readouterr().out.startswith("2,000 vectors in 4 partitions, ")
    assert len(partitions.names()) == 4
    sizes = [ask(f"SELECT count(*) FROM {part}")[0][0] for part in partitions.names()]  # noqa: S608
    assert sum(sizes) == WORKS
    assert min(sizes) > 0
    assert ask("SELECT * FROM search_embedding ORDER BY id") == rows
    # Every partition is asked by its own index, and what it says is merged.
    steps = plan(model)
    assert steps.count("Index Scan using search_embedding_") == 4
    assert "Merge Append" in steps
    assert hnsw_index.rows(model, "image") == WORKS
    assert found(model, exact=True) == exact
    assert len({*found(model)} & {*exact}) >= 49

    call_command("partition_embeddings", "3")
    assert len(partitions.names()) == 3
    assert hnsw_index.rows(model, "image") == WORKS
    call_command("partition_embeddings", "1")
    assert capsys.readouterr().out.splitlines()[-1].startswith("2,000 vectors in one table, ")
    assert ask(SHAPE) == shape
    assert ask("SELECT * FROM search_embedding ORDER BY id") == rows


def test_vectors_are_written_counted_and_kept_consistent(model):
    call_command("partition_embeddings", "4")
    before = data_version.version((data_version.VECTORS,))
    last = Embedding.objects.order_by("-id").first()
    new = give_vector(work(), model, unit(np.random.default_rng(8), 1)[0])
    assert new.pk > last.pk
    assert data_version.version((data_version.VECTORS,)) != before
    assert hnsw_index.rows(model, "image") is not None
    again = Embedding(
        artwork=new.artwork, model=model, kind=IMAGE, source_hash="new", vector=[1.0] * 8
    )
    with pytest.raises(IntegrityError, match="search_embedding_"), transaction.atomic():
        Embedding.objects.bulk_create([again])
    Embedding.objects.bulk_create(
        [again],
        update_conflicts=True,
        unique_fields=["artwork", "model", "kind", "part"],
        update_fields=["source_hash", "vector"],
    )
    assert Embedding.objects.get(pk=new.pk).source_hash == "new"
    new.artwork.delete()
    assert Embedding.objects.count() == WORKS
    with pytest.raises(IntegrityError, match="foreign key"):  # at the end of the transaction
        ask("UPDATE search_embedding SET model_id = -1")


def test_another_model_gets_an_index_in_each_and_a_killed_build_is_replaced(model):
    call_command("partition_embeddings", "2")
    other = vector_model("other", dimension=3)
    for vector in unit(np.random.default_rng(9), 20, 3):
        give_vector(work(), other, vector)
    image, text = (hnsw_index.name(other, kind) for kind in ("image", "text"))
    assert hnsw_index.ensure(other) == [image, text]
    assert hnsw_index.rows(other, "image") == 20
    assert hnsw_index.ensure(other) == []
    # Killed after one of two: the whole is not valid, and what was built is left.
    hnsw_index.drop(other)
    assert hnsw_index.rows(other, "image") is None
    hnsw_index._create(other, "image", image, partitions.TABLE, whole=False)
    hnsw_index._create(other, "image", f"{image}_0", partitions.names()[0])
    assert hnsw_index.rows(other, "image") is None
    assert hnsw_index.ensure(other) == [image, text]
    assert hnsw_index.rows(other, "image") == 20
    hnsw_index.drop_concurrently(other)
    assert ask("SELECT relname FROM pg_class WHERE relname LIKE %s", [f"{image}%"]) == []


def test_a_long_reader_is_waited_for_beside_searches_and_a_kill_changes_nothing(model, manage):
    shape, waits = ask(SHAPE), "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DROP TABLE%%'"
    with psycopg.connect(database_url()) as reader:
        reader.execute("SELECT 1 FROM search_embedding LIMIT 1")
        process = manage("partition_embeddings", "2")
        until(lambda: ask(f"{waits} AND wait_event_type = 'Lock'"))
        assert len(found(model)) == 50
        process.kill()
        process.wait()
        until(lambda: not ask(waits))
        assert ask(SHAPE) == shape
        process = manage("partition_embeddings", "2")
        until(lambda: ask(f"{waits} AND wait_event_type = 'Lock'"))
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "2,000 vectors in 2 partitions" in output
    assert len(found(model)) == 50


@pytest.mark.parametrize(
    ("number", "memory", "says"),
    [("0", "64MB", "0 partitions"), ("4", "much", 'invalid value .*"much"')],
)
def test_what_cannot_be_done_changes_nothing(model, number, memory, says):
    shape = ask(SHAPE)
    with pytest.raises(CommandError, match=f"(?s)Nothing was changed: .*{says}"):
        call_command("partition_embeddings", number, memory=memory)
    assert ask(SHAPE) == shape
