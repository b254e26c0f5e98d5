"""The admin shows models and vectors, and switches the active one."""

import pytest
from django.urls import reverse

from search import registry, tasks
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


def test_activation_needs_one_model_with_vectors(admin_client, museum):
    empty = vector_model("empty")
    assert "has no vectors" in act(admin_client, empty)
    assert "exactly one" in act(admin_client, empty, museum)
    assert registry.active() == museum
    Embedding.objects.update(model=empty)
    assert "answers searches now" in act(admin_client, empty)
    assert registry.active() == empty


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
