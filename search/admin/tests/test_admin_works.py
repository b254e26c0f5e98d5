"""Works in the admin, found by meaning and embedded again."""

import json

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection

from museum.admin.tests.test_curation import act, member
from search import tasks
from search.embeddings import pending
from search.models import Embedding
from testing.factories import work

pytestmark = pytest.mark.django_db
WORKS = "/admin/museum/artwork/"


@pytest.fixture
def boats(tiny):
    works = [
        work(title, text=f"{title} lies.") for title in ("A red boat", "A blue boat", "Apples")
    ]
    tasks.embed_artworks([each.pk for each in works])
    return works


def found(client, **parameters):
    page = client.get(WORKS, parameters)
    assert page.status_code == 200
    return [each.title for each in page.context["cl"].result_list]


def test_the_list_is_in_the_engines_order(boats):
    client = member("viewer")
    by_meaning = found(client, q="red boat lies", by="meaning")
    assert set(by_meaning) == {each.title for each in boats}  # words alone would find two
    assert found(client, q="red boat", by="") == ["A red boat"]
    assert found(client, q="red boat lies", by="meaning", o="-4") != by_meaning
    html = client.get(WORKS, {"q": "boat", "by": "meaning"}).content.decode()
    assert '<option value="meaning" selected>' in html


def test_filters_hold_for_meaning_too(boats):
    boats[0].is_hidden = True
    boats[0].save()
    client = member("viewer")
    assert "A red boat" not in found(client, q="red boat", by="meaning", is_hidden__exact="0")
    assert found(client, q='-"red"', by="meaning") is not None  # nothing to look for: by words


def test_works_embedded_again_answer_meanwhile(boats, tiny):
    client = member("editor")
    page = act(client, WORKS, "embed_again", *boats[:2]).content.decode()
    assert "2 will be embedded by the next manage.py embed." in page
    outdated = pending.outdated(tiny, pending.embeddable(tiny))
    assert set(outdated) == set(boats[:2])
    assert Embedding.objects.count() == 3
    assert LogEntry.objects.filter(change_message="To be embedded again.").count() == 2
    assert tasks.embed_artworks([each.pk for each in boats])["embedded"] == 2


def test_a_curator_may_not_have_works_embedded(boats, tiny):
    act(member("curator"), WORKS, "embed_again", *boats)
    assert not pending.outdated(tiny, pending.embeddable(tiny)).exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_benchmark_measures_every_list_and_leaves_nothing_behind(manage):
    process = manage("bench_admin", "--n", "120", "--times", "1", "--json", QUERY_ENCODER="onnx")
    output, errors = process.communicate(timeout=280)
    assert process.returncode == 0, output + errors
    figures = json.loads(output.splitlines()[-1])
    assert figures["works"] == 120
    lists = {f"list of {model._meta.verbose_name_plural}" for model in admin.site._registry}
    assert lists <= figures["pages"].keys()
    assert {"works: searched by meaning", "save a work"} <= figures["pages"].keys()
    assert all(page["p50_ms"] > 0 < page["queries"] for page in figures["pages"].values())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'ekphrasis_bench_admin'")
        assert cursor.fetchone() is None
