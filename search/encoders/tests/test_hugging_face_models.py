"""Models with a tokenizer of Hugging Face are exported, and queried without transformers."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from search import encoders
from search.encoders import onnx_export
from search.encoders.tests import test_tokenizers as kinds
from search.encoders.tests.test_encoders import pictures
from search.models import EmbeddingModel

ROOT = Path(__file__).resolve().parents[3]
transformers = pytest.importorskip("transformers", reason="the reference: pip install '.[dev]'")
TEXTS = ["A red boat.", "the house, in the snow!", "", "sun " * 40, "Étretat: l’été &amp; 🎨"]  # noqa: RUF001
VISION = {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16}
TEXT = {"width": 32, "heads": 2, "layers": 2}
# As open_clip configures them, in small.
TOWERS = {
    "SigLIP 2": {
        **TEXT, "context_length": 16, "tokenizer_kwargs": {"clean": "canonicalize"},
        "no_causal_mask": True, "proj_bias": True, "pool_type": "last",
        "norm_kwargs": {"eps": 1e-6}, "act_kwargs": {"approximate": "tanh"},
    },
    "SigLIP": {
        **TEXT, "context_length": 16, "tokenizer_kwargs": {"clean": "canonicalize"},
        "no_causal_mask": True, "proj_bias": True, "pool_type": "last",
    },
    "CLIPA": {
        **TEXT, "context_length": 32, "tokenizer_kwargs": {"strip_sep_token": True},
        "no_causal_mask": True, "pool_type": "last",
    },
    "CLIPS": {
        **TEXT, "context_length": 24, "tokenizer_mode": "clips", "no_causal_mask": True,
        "pool_type": "last",
    },
    "RoBERTa": {
        "context_length": 77, "tokenizer_kwargs": {"clean": "lower"}, "hf_model_name": "",
        "hf_model_pretrained": False, "hf_proj_type": "mlp", "hf_pooler_type": "mean_pooler",
    },
}  # fmt: skip


def _write_tokenizer(folder: Path, kind: str) -> int:
    """Write a tokenizer as transformers saves it; return the size of its vocabulary."""
    make, _ = kinds.KINDS[kind]
    made, names = make((ROOT / "docs" / "search.md").read_text("utf-8").splitlines())
    transformers.PreTrainedTokenizerFast(tokenizer_object=made, **names).save_pretrained(folder)
    return made.get_vocab_size()


def write_text_tower(folder: Path) -> Path:
    """Write a tokenizer and the configuration of a text tower, as the hub has them."""
    folder.mkdir()
    transformers.RobertaConfig(
        vocab_size=_write_tokenizer(folder, "RoBERTa"), hidden_size=32, num_hidden_layers=1,
        num_attention_heads=2, intermediate_size=64, max_position_embeddings=90, pad_token_id=1,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def write(folder: Path, kind: str) -> EmbeddingModel:
    """Write an untrained model as open_clip saves one: its tokenizer's files lie beside it."""
    import torch
    from safetensors.torch import save_file

    from search.encoders.open_clip_encoder import open_clip

    folder.mkdir(parents=True)
    size = _write_tokenizer(folder, kind)
    text = {**TOWERS[kind], "vocab_size": size, "hf_tokenizer_name": "org/tiny"}
    if "hf_model_name" in text:
        text["hf_model_name"] = str(write_text_tower(folder / "text"))
    config = {"embed_dim": 24, "vision_cfg": VISION, "text_cfg": text, "custom_text": True}
    facts = {"model_cfg": config, "preprocess_cfg": {"resize_mode": "squash"}}
    (folder / "open_clip_config.json").write_text(json.dumps(facts))
    torch.manual_seed(0)
    given = {name: value for name, value in config.items() if name != "custom_text"}
    state = open_clip.CustomTextCLIP(**given).state_dict()
    weights = {name: tensor.contiguous() for name, tensor in state.items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    return EmbeddingModel(
        name=folder.name, architecture=folder.name, checkpoint=str(folder), dimension=24
    )


def in_a_web_process(model: EmbeddingModel, texts: list[str], export_dir: str) -> np.ndarray:
    """Encode `texts` in a process that can import neither torch nor transformers."""
    code = f"""
import json, os, sys
for name in ("torch", "transformers", "open_clip"):
    sys.modules[name] = None
os.environ["DJANGO_SETTINGS_MODULE"] = "museum.settings"
import django
django.setup()
from django.conf import settings
settings.EXPORT_DIR = {export_dir!r}
settings.QUERY_ENCODER = "onnx"
from search.models import EmbeddingModel
from search import encoders
model = EmbeddingModel(name="x", dimension=24, fingerprint={model.fingerprint!r})
made = encoders.get_query_encoder(model).encode_texts(json.loads({json.dumps(texts)!r}))
print(json.dumps(made.tolist()))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(done.stdout), np.float32)


@pytest.mark.parametrize("kind", TOWERS)
def test_it_is_exported_and_queried_without_transformers(kind, tmp_path, settings):
    import torch

    from search.encoders.open_clip_encoder import open_clip

    settings.QUERY_ENCODER = "onnx"
    settings.EXPORT_DIR = str(tmp_path / "exports")
    model = write(tmp_path / "tiny", kind)
    reference = encoders.get_encoder(model)
    theirs = open_clip.get_tokenizer(f"local-dir:{model.checkpoint}")
    with torch.inference_mode():
        whole = reference.model.encode_text(theirs(TEXTS), normalize=True).numpy()
    np.testing.assert_allclose(reference.encode_texts(TEXTS), whole, atol=1e-5)
    model.fingerprint = reference.fingerprint
    assert encoders.prepare_queries(model)
    folder = onnx_export.place(model.fingerprint)
    assert (folder / "tokenizer.json").is_file()
    vectors = in_a_web_process(model, TEXTS, settings.EXPORT_DIR)
    assert (vectors * whole).sum(axis=1).min() > 0.9999
    encoder = encoders.get_query_encoder(model)
    images = pictures(2)
    assert (encoder.encode_images(images) * reference.encode_images(images)).sum(1).min() > 0.9999
    for text in TEXTS:
        assert encoder.count_tokens(text) == reference.count_tokens(text)
