"""Models are registered once, and exactly one answers."""

import threading
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from search.embeddings import known_models, registry
from search.encoders import EncoderUnavailableError
from search.models import EmbeddingModel
from testing.factories import vector_model


def test_a_folder_is_registered_with_what_its_encoder_says(db, checkpoint):
    model = registry.register(str(checkpoint))
    assert (model.name, model.dimension, model.state) == ("tiny-clip", 24, "draft")
    assert len(model.fingerprint) == 32
    assert Path(model.checkpoint) == checkpoint
    assert registry.register(str(checkpoint)) == registry.register("tiny-clip") == model


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("vit-b-32", "vit-b-32"),
        ("ViT-B-32/laion2b_s34b_b79k", "vit-b-32"),
        ("ViT-B-16-SigLIP2/webli", "vit-b-16-siglip2-webli"),
        ("demo-synthetic", "demo-synthetic"),
    ],
)
def test_names_tags_and_defaults_are_told_apart(db, spec, name):
    assert known_models.identify(spec).name == name


@pytest.mark.parametrize("spec", ["", "no-such", "/no/such/folder", "a/b/c", "/"])
def test_a_wrong_name_says_which_there_are(db, spec):
    with pytest.raises(known_models.UnknownModelError, match=r"demo-synthetic or vit-b-32|no name"):
        registry.register(spec)


def test_weights_that_are_not_there_are_a_sentence(db, tmp_path):
    with pytest.raises(EncoderUnavailableError, match=r"open_clip_config\.json"):
        registry.register(str(tmp_path))
    assert not EmbeddingModel.objects.exists()


def test_activation_switches_and_switches_back(db):
    one, two = vector_model("one"), vector_model("two")
    registry.activate(one)
    assert registry.activate(two).activated_at
    one.refresh_from_db()
    assert (registry.active(), one.state) == (two, "ready")
    registry.activate(one)
    assert registry.active() == one


def test_the_database_allows_one_active_model(db):
    vector_model("one", state="active")
    with pytest.raises(IntegrityError), transaction.atomic():
        vector_model("two", state="active")


def test_ensure_active_keeps_the_active_model(tiny):
    assert registry.ensure_active(is_generated=True) == registry.ActiveModelChoice(tiny, {})
    assert registry.ensure_active(is_generated=False) == registry.ActiveModelChoice(tiny, {})


@pytest.mark.django_db(transaction=True)
def test_many_activations_at_once_leave_one_active():
    models = [vector_model(f"model-{n}") for n in range(4)]
    errors = []

    def activate(model):
        try:
            registry.activate(model)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=activate, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert EmbeddingModel.objects.filter(state="active").count() == 1
