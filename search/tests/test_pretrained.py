"""Tags of the model hub, from a cache as a finished download leaves it, without any hub."""

import warnings

import numpy as np
import pytest

from search import encoders
from search.models import EmbeddingModel
from search.tests import hub_cache
from search.tests.test_encoders import pictures

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


@pytest.mark.parametrize(
    ("architecture", "tag", "activation"),
    [
        ("ViT-B-32", "laion2b_s34b_b79k", "GELU"),
        ("ViT-B-32", "openai", "QuickGELU"),
    ],
)
def test_a_tag_loads_with_the_activation_it_was_trained_with(cache, architecture, tag, activation):
    hub_cache.add_tag(cache, architecture, tag)
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
