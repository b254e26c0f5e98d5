"""The admin shows models and vectors, and switches the active one."""

import pytest
from django.urls import reverse

from search import index, registry, tasks
from search.models import Embedding, EmbeddingModel
from search.tests.factories import vector_model, work

CHANGELIST = "admin:search_embeddingmodel_changelist"


@pytest.fixture
def museum(tiny):
    tasks.embed_artworks([work("Boat", seed=1, text="A red boat.").pk])
    return tiny


def test_models_show_their_state_and_counts(admin_client, museum):
    page = admin_client.get(reverse(CHANGELIST)).content.decode()
    for shown in (museum.name, museum.fingerprint, "active", ">1<"):
        assert shown in page
    change = reverse("admin:search_embeddingmodel_change", args=[museum.pk])
    assert admin_client.get(change).status_code == 200


def act(client, *models: EmbeddingModel) -> str:
    data = {"action": "activate", "_selected_action": [model.pk for model in models]}
    return client.post(reverse(CHANGELIST), data, follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_activation_needs_one_model_that_is_ready(admin_client, museum):
    other = vector_model("other", museum.dimension)
    assert "has no vectors" in act(admin_client, other)
    assert "exactly one" in act(admin_client, other, museum)
    Embedding.objects.update(model=other)
    registry.mark_embedding(other)
    assert "not ready but embedding" in act(admin_client, other)
    registry.mark_ready(other)
    assert "run manage.py activate other" in act(admin_client, other)
    assert registry.active() == museum
    index.ensure(other)
    assert "answers searches now" in act(admin_client, other)
    assert registry.active() == other


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
