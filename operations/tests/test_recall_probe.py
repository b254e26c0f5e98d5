"""The recall probe against indexes that are good, and one that is not."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection

from operations import recall_probe
from operations.models import RecallProbe
from search.embeddings import hnsw_index, registry
from search.models import Embedding
from search.ranking import tuning
from search.retrieval import vectors
from testing.factories import give_vector, unit, vector_model, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def model(monkeypatch):
    """Works with random vectors, whose index is used though they are few."""
    monkeypatch.setattr(tuning, "EXACT_SCAN_ROWS", 0)
    found = registry.activate(vector_model())
    for vector in unit(np.random.default_rng(5), 400):
        give_vector(work(), found, vector)
    with connection.cursor() as cursor:
        # Postgres may find it cheaper to sort so few: it depends on what it last counted.
        cursor.execute("SET enable_sort = off")
        yield found
        cursor.execute("RESET enable_sort")


def probed() -> tuple[list[dict], int]:
    out = StringIO()
    code = 0
    try:
        call_command("probe_recall", json=True, stdout=out)
    except SystemExit as ended:
        code = ended.code
    return json.loads(out.getvalue()), code


@pytest.mark.slow
def test_a_good_index_is_measured_and_a_bad_one_is_an_alarm(model, monkeypatch, caplog):
    hnsw_index.ensure(model)
    ((good,), code) = probed()
    assert (good["kind"], good["queries"], code) == ("image", 50, 0)
    assert good["recall"] > 0.99
    assert RecallProbe.objects.get().recall == good["recall"]
    assert "recall-alarm" not in caplog.text
    # An index whose graph was made too thin, asked no further than for ten.
    hnsw_index.drop(model)
    monkeypatch.setattr(tuning, "HNSW_M", 2)
    monkeypatch.setattr(tuning, "HNSW_EF_CONSTRUCTION", 4)
    monkeypatch.setattr(recall_probe, "TIERS", (recall_probe.TIERS[0].__class__(10, 10),))
    monkeypatch.setattr(tuning, "HNSW_EF_SEARCH", 10)
    hnsw_index.ensure(model)
    ((bad,), code) = probed()
    assert bad["recall"] < 0.95
    assert code == 1
    assert "event=recall-alarm kind=image" in caplog.text


def test_nothing_embedded_is_no_alarm(db):
    assert recall_probe.take() == []
    registry.activate(vector_model())
    assert recall_probe.take() == []
    assert not Embedding.objects.exists()


def test_works_as_near_as_the_last_one_count(db):
    near = [vectors.Ranked(n, 0.5) for n in range(12)]
    assert recall_probe._recall([near[2:]], [near[:10]]) == 1.0
    assert recall_probe._recall([[vectors.Ranked(99, 0.1)]], [near[:10]]) == 0.0
