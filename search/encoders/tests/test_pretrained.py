"""Tags of the model hub, from a cache as a finished download leaves it, without any hub."""

import shutil
import warnings

import numpy as np
import pytest

from search import encoders, tasks
from search.embeddings import registry
from search.embeddings.activation import activate
from search.encoders import int8_gate, onnx_encoder, onnx_export
from search.encoders.tests.test_encoders import pictures
from search.models import Embedding, EmbeddingModel
from testing import hub_cache
from testing.factories import work

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("hub")


@pytest.fixture(autouse=True)
def offline(settings, monkeypatch, cache):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(encoders, "_loaded", {})
    settings.MODEL_CACHE_DIR = str(cache)


def load(architecture, tag):
    return encoders.get_encoder(
        EmbeddingModel(name="x", architecture=architecture, pretrained=tag, dimension=1)
    )


def add(cache, architecture, tag):
    """Write the tag to the cache alone: together they are gigabytes."""
    shutil.rmtree(cache)
    hub_cache.add_tag(cache, architecture, tag)


@pytest.mark.parametrize(
    ("architecture", "tag", "activation"),
    [
        ("ViT-B-32", "laion2b_s34b_b79k", "GELU"),
        ("ViT-B-32", "openai", "QuickGELU"),
    ],
)
def test_a_tag_loads_with_the_activation_it_was_trained_with(cache, architecture, tag, activation):
    add(cache, architecture, tag)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        encoder = load(architecture, tag)
    blocks = (encoder.model.visual.transformer.resblocks[0], encoder.model.transformer.resblocks[0])
    assert {type(block.mlp.gelu).__name__ for block in blocks} == {activation}
    assert encoder.architecture.get("quick_gelu", False) is (activation == "QuickGELU")
    vectors = (encoder.encode_images(pictures(2)), encoder.encode_texts(["a red boat", "snow"]))
    for made in vectors:
        assert made.shape == (2, 512)
        np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "spec",
    [
        "ViT-B-32/laion2b_s34b_b79k",
        "ViT-B-32/openai",
        "ViT-B-16-SigLIP2/webli",
        "coca_ViT-B-32/laion2b_s13b_b90k",
        "PE-Core-T-16-384/meta",
    ],
)
def test_a_tag_is_embedded_exported_gated_activated_and_answers(
    client, settings, monkeypatch, cache, spec
):
    settings.QUERY_ENCODER = "onnx"
    monkeypatch.setattr(onnx_encoder, "_loaded", {})
    monkeypatch.setattr(int8_gate, "MIN_WORKS", 12)  # random weights say nothing of any number
    add(cache, *spec.split("/"))
    works = [work(f"Work {n}", seed=n, text=f"A red boat in harbour {n}.") for n in range(12)]
    model = registry.register(spec)
    done = tasks.embed_artworks([each.pk for each in works], model.pk)
    assert (done["embedded"], done["failed"]) == (12, [])
    assert Embedding.objects.filter(model=model).count() == 24
    registry.mark_embedding(model)

    activate(model)
    made = onnx_export.read(model.fingerprint)
    assert min(made.facts["least_cosine"].values()) > 0.9999
    for tower in ("text", "image"):
        figures = made.facts["gate"][tower]
        assert figures["passed"] or figures["reason"]
        assert made.facts["precision"][tower] == ("int8" if figures["passed"] else "fp32")

    encoder = encoders.get_query_encoder(model)
    assert isinstance(encoder, onnx_encoder.OnnxEncoder)
    reference = encoders.get_encoder(model)
    exact = onnx_encoder.OnnxEncoder(made, {"text": "fp32", "image": "fp32"})
    texts = ["a red boat", "Hafen & Café", "x " * 200, ""]
    assert (exact.encode_texts(texts) * reference.encode_texts(texts)).sum(axis=1).min() > 0.9999
    assert [exact.count_tokens(t) for t in texts] == [reference.count_tokens(t) for t in texts]
    images = pictures(2)
    close = (exact.encode_images(images) * reference.encode_images(images)).sum(axis=1)
    assert close.min() > 0.999

    answer = client.get("/api/search", {"q": "a red boat", "limit": 12}).json()
    assert len(answer["results"]) == 12, answer
    assert answer["model"]["name"] == model.name
