"""The admin shows models and vectors, and switches the active one."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.urls import reverse

from museum.models import Artwork
from search import tasks
from search.embeddings import coverage, hnsw_index, metric_tables, registry, storage_size
from search.models import Embedding, EmbeddingModel
from testing.factories import vector_model, work

CHANGELIST = "admin:search_embeddingmodel_changelist"
ACTIVATE = "admin:search_activate"


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def museum(tiny):
    tasks.embed_artworks([work("Boat", seed=1, text="A red boat.").pk])
    return tiny


def test_models_show_their_state_and_counts(admin_client, museum):
    page = admin_client.get(reverse(CHANGELIST)).content.decode()
    for shown in (museum.name, museum.fingerprint, "Active", ">1<"):
        assert shown in page
    change = reverse("admin:search_embeddingmodel_change", args=[museum.pk])
    assert admin_client.get(change).status_code == 200


def act(client, *models: EmbeddingModel) -> str:
    """Choose models in the list; what the page that asks says."""
    data = {"action": "activate", "_selected_action": [model.pk for model in models]}
    return client.post(reverse(CHANGELIST), data, follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_activation_asks_first_and_needs_one_model_that_is_ready(admin_client, museum):
    other = vector_model("other", museum.dimension)
    assert "has no vectors" in act(admin_client, other)
    assert "exactly one" in act(admin_client, other, museum)
    Embedding.objects.update(model=other)
    registry.mark_embedding(other)
    assert "not ready but embedding" in act(admin_client, other)
    registry.mark_ready(other)
    assert "run manage.py activate other" in act(admin_client, other)
    hnsw_index.ensure(other)
    page = act(admin_client, other)
    assert "The model was not changed" not in page
    assert "we cannot tell which one searches better" in page
    assert registry.active() == museum
    confirmed = admin_client.post(reverse(ACTIVATE, args=[other.pk]), follow=True)
    assert "Other is now active" in confirmed.content.decode()
    assert registry.active() == other
    assert "before: tiny-clip" in LogEntry.objects.get().change_message


@pytest.mark.django_db(transaction=True)
def test_a_model_that_finds_less_needs_a_second_thought_and_the_way_back_none(admin_client, museum):
    found = {"queries": 300, "gallery": 900}
    museum.metrics = {"evaluation": {"held-out": {**found, "nDCG@10": 0.61}}}
    museum.save()
    worse = {"evaluation": {"held-out": {**found, "nDCG@10": 0.5}}}
    other = vector_model("other", museum.dimension, metrics=worse)
    rows = list(Embedding.objects.all())
    for row in rows:
        row.pk, row.model = None, other
    Embedding.objects.bulk_create(rows)
    for model in (museum, other):
        hnsw_index.ensure(model)
    registry.mark_embedding(other)
    registry.mark_ready(other)
    address = reverse(ACTIVATE, args=[other.pk])
    assert "It scores lower" in admin_client.get(address).content.decode()
    assert "scores lower than" in admin_client.post(address).content.decode()
    assert registry.active() == museum
    admin_client.post(address, {"force": "on"})
    assert registry.active() == other
    back = reverse("admin:search_rollback")
    assert f"Roll back to {museum}" in admin_client.get(back).content.decode()
    assert registry.active() == other
    admin_client.post(back)
    assert registry.active() == museum
    page = admin_client.get(reverse(CHANGELIST)).content.decode()
    assert "0.610" in page
    assert "held-out, 300 queries" in page


def test_the_way_back_is_told_where_there_is_none(admin_client, museum):
    page = admin_client.post(reverse("admin:search_rollback"), follow=True)
    assert "no model that is still ready" in page.content.decode()
    assert registry.active() == museum


def test_switching_needs_the_right_to_change_models(client, museum, django_user_model):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_embeddingmodel"))
    client.force_login(viewer)
    assert client.get(reverse(CHANGELIST)).status_code == 200
    for address in (reverse(ACTIVATE, args=[museum.pk]), reverse("admin:search_rollback")):
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403


def test_the_list_counts_vectors_once_for_all_models(
    admin_client, museum, django_assert_num_queries
):
    for n in range(4):
        vector_model(f"other-{n}")
    storage_size.forget()
    # Session, user; models counted for the page and in all, and listed; experiments; vectors.
    with django_assert_num_queries(7):
        admin_client.get(reverse(CHANGELIST))


def test_figures_become_tables_and_all_else_is_left_out():
    metrics = {
        "evaluation": {"dev": {"queries": 40, "mrr": 0.5}, "test": {"queries": 80, "r5": 1}},
        "made": {"at": "today"}, "epochs": 3, "is_good": {"a": {"b": True}},
    }  # fmt: skip
    (table,) = metric_tables.tables(metrics)
    assert (table.name, table.columns) == ("evaluation", ["mrr", "r5"])
    assert table.rows == [("dev, 40 queries", [0.5, None]), ("test, 80 queries", [None, 1.0])]


def test_a_fine_tuned_model_shows_the_way_from_its_base(admin_client, museum):
    points = [{"alpha": n / 2, "mrr": 0.4 + n / 10, "probe": 0.9 - n / 10} for n in range(3)]
    museum.metrics = {"sweep": points, "alpha": 0.5}
    museum.save()
    address = reverse("admin:search_embeddingmodel_change", args=[museum.pk])
    page = admin_client.get(address).content.decode()
    assert 'points="0.0,60.0 80.0,48.0 160.0,36.0"' in page
    assert "kept on the probe" in page
    for point in points:
        point["probe"] = None  # there was none
    museum.save()
    assert "kept on the probe" not in admin_client.get(address).content.decode()


def test_vectors_are_compared_once_for_whoever_is_asked_twice(admin_client, museum, monkeypatch):
    counted = []

    def gaps(model, of=coverage.gaps):
        counted.append(model)
        return of(model)

    monkeypatch.setattr(coverage, "gaps", gaps)
    address = reverse(ACTIVATE, args=[museum.pk])
    Embedding.objects.filter(kind="text").update(source_hash="")
    for _ in range(2):  # what is lacking may be mended meanwhile
        assert "lacks vectors of 1 works" in admin_client.get(address).content.decode()
    tasks.embed_artworks([Artwork.objects.get().pk])
    for _ in range(2):
        assert "lacks vectors" not in admin_client.get(address).content.decode()
    assert len(counted) == 3


def test_the_active_model_cannot_be_deleted(admin_client, museum):
    other = vector_model("other")
    for model, status in ((museum, 403), (other, 302)):
        url = reverse("admin:search_embeddingmodel_delete", args=[model.pk])
        assert admin_client.post(url, {"post": "yes"}).status_code == status
    assert list(EmbeddingModel.objects.all()) == [museum]


def test_embeddings_are_shown_without_their_numbers(admin_client, museum):
    listing = admin_client.get(reverse("admin:search_embedding_changelist"))
    assert listing.status_code == 200
    row = Embedding.objects.get(kind="text")
    page = admin_client.get(reverse("admin:search_embedding_change", args=[row.pk]))
    assert "A red boat." in page.content.decode()
    assert str(row.vector[0])[:7] not in page.content.decode()
