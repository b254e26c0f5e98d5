"""Encoders load from a folder or the hub, give unit vectors, or say what to do."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from search.encoders import EncoderUnavailableError, get_encoder
from search.encoders.tokenizers.word import WordTokenizer, words_of
from search.models import EmbeddingModel
from testing.tiny_clip import WORDS, write_checkpoint

ROOT = Path(__file__).resolve().parents[3]
TEXTS = ["a red boat", "the house in the snow", "ponies", "", "sun " * 40]
# A port that is closed: nothing listens on "discard" here.
CLOSED = "http://127.0.0.1:9"


def pictures(number: int) -> list[Image.Image]:
    noise = np.random.default_rng(7)
    sizes = [(40, 30), (16, 64), (100, 100)]
    return [
        Image.fromarray(noise.integers(0, 255, (*sizes[n % 3], 3), dtype=np.uint8))
        for n in range(number)
    ]


def test_importing_the_package_does_not_import_torch():
    code = (
        "import sys, search.encoders, search.encoders.tokenizers.word;print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "False", done.stderr


def test_the_torchvision_shim_makes_the_import_work_and_may_run_twice():
    code = (
        "from search.encoders.torchvision_shim import ensure_torchvision as e; e(); e();"
        "import torchvision.transforms; print('ok')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "ok", done.stderr


def test_a_local_checkpoint_gives_unit_vectors_of_its_dimension(tmp_path):
    encoder = get_encoder(write_checkpoint(tmp_path))
    for vectors in (encoder.encode_images(pictures(3)), encoder.encode_texts(TEXTS)):
        assert vectors.shape[1] == encoder.dim == 24
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_input_gives_no_rows(tmp_path):
    encoder = get_encoder(write_checkpoint(tmp_path))
    assert encoder.encode_images([]).shape == (0, 24)
    assert encoder.encode_texts([]).shape == (0, 24)


def test_a_batch_equals_its_members_one_by_one(tmp_path, settings):
    settings.EMBED_BATCH_SIZE = 3
    encoder = get_encoder(write_checkpoint(tmp_path))
    images = pictures(7)
    together, alone = encoder.encode_images(images), [encoder.encode_images([i])[0] for i in images]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    together, alone = encoder.encode_texts(TEXTS), [encoder.encode_texts([t])[0] for t in TEXTS]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_text_cut_behind_its_end_token_encodes_as_open_clip_does(tmp_path):
    import torch

    encoder = get_encoder(write_checkpoint(tmp_path, words=None))
    with torch.inference_mode():
        tokens = torch.as_tensor(encoder.tokenizer(TEXTS))
        whole = encoder.model.encode_text(tokens, normalize=True).numpy()
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), whole, atol=1e-5)


def test_a_tower_that_looks_ahead_is_never_cut(tmp_path):
    import torch

    encoder = get_encoder(write_checkpoint(tmp_path, no_causal_mask=True))
    tokens = torch.as_tensor(encoder.tokenizer(TEXTS))
    with torch.inference_mode():
        whole = encoder.model.encode_text(tokens, normalize=True).numpy()
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), whole, atol=1e-5)


def test_pictures_in_every_mode_are_read(tmp_path):
    encoder = get_encoder(write_checkpoint(tmp_path))
    picture = pictures(1)[0]
    vectors = encoder.encode_images([picture.convert(mode) for mode in ("L", "P", "RGBA", "CMYK")])
    assert np.isfinite(vectors).all()


def test_it_is_loaded_once_and_again_when_the_files_change(tmp_path):
    model = write_checkpoint(tmp_path)
    first = get_encoder(model)
    assert get_encoder(model) is first
    time.sleep(0.01)
    write_checkpoint(tmp_path, seed=1)
    second = get_encoder(model)
    assert second is not first
    assert second.fingerprint != first.fingerprint


def test_the_fingerprint_depends_on_all_that_makes_a_vector_and_nothing_else(tmp_path):
    base = get_encoder(write_checkpoint(tmp_path / "a")).fingerprint
    assert len(base) == 32
    assert get_encoder(write_checkpoint(tmp_path / "b")).fingerprint == base
    swapped = (*WORDS[1:], WORDS[0])
    assert get_encoder(write_checkpoint(tmp_path / "c", words=swapped)).fingerprint != base
    # The same weights, every position seeing every other: other vectors.
    uncausal = write_checkpoint(tmp_path / "e", no_causal_mask=True)
    assert get_encoder(uncausal).fingerprint != base
    model = write_checkpoint(tmp_path / "d")
    config = tmp_path / "d" / "open_clip_config.json"
    config.write_text(config.read_text().replace("squash", "longest"))
    assert get_encoder(model).fingerprint != base


def test_weights_other_than_the_registered_ones_are_refused(tmp_path):
    model = write_checkpoint(tmp_path)
    model.fingerprint = get_encoder(model).fingerprint
    assert get_encoder(model).fingerprint == model.fingerprint
    model.fingerprint = "0" * 32
    with pytest.raises(EncoderUnavailableError, match="register the new ones as another model"):
        get_encoder(model)


def test_a_relative_checkpoint_starts_at_the_project_folder(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    model = write_checkpoint(tmp_path / "models" / "tiny")
    model.checkpoint = "models/tiny"
    assert get_encoder(model).dim == 24


def test_a_missing_folder_says_what_to_do(tmp_path):
    model = EmbeddingModel(name="gone", checkpoint=str(tmp_path / "gone"), dimension=24)
    with pytest.raises(
        EncoderUnavailableError, match=r"gone does not exist: correct the model's check"
    ):
        get_encoder(model)


@pytest.mark.parametrize("damage", ["cut", "empty", "other"])
def test_damaged_weights_are_reported_with_their_cause(tmp_path, damage):
    model = write_checkpoint(tmp_path)
    weights = tmp_path / "open_clip_model.safetensors"
    if damage == "other":
        config = tmp_path / "open_clip_config.json"
        config.write_text(config.read_text().replace('"width": 32', '"width": 48'))
    else:
        weights.write_bytes(weights.read_bytes()[: 1000 if damage == "cut" else 0])
    with pytest.raises(EncoderUnavailableError, match="could not load") as caught:
        get_encoder(model)
    assert caught.value.__cause__ is not None


def test_a_folder_without_weights_is_not_a_random_model(tmp_path):
    model = write_checkpoint(tmp_path)
    (tmp_path / "open_clip_model.safetensors").unlink()
    with pytest.raises(EncoderUnavailableError, match="could not load"):
        get_encoder(model)


def test_an_unknown_tag_lists_the_known_ones():
    model = EmbeddingModel(name="x", architecture="ViT-B-32", pretrained="best", dimension=512)
    with pytest.raises(
        EncoderUnavailableError, match=r"no pretrained weights 'best'.*laion2b_s34b"
    ):
        get_encoder(model)


def test_an_unknown_architecture_lists_the_known_ones():
    model = EmbeddingModel(name="x", architecture="ViT-C-32", pretrained="openai", dimension=512)
    with pytest.raises(EncoderUnavailableError, match=r"no architecture 'ViT-C-32'.*ViT-B-32"):
        get_encoder(model)


def test_an_unreachable_hub_says_what_to_do(tmp_path):
    code = (
        "import django; django.setup()\n"
        "from search.encoders import EncoderUnavailableError, get_encoder\n"
        "from search.models import EmbeddingModel as M\n"
        "try:\n"
        "    get_encoder(M(name='b32', architecture='ViT-B-32', pretrained='laion2b_s34b_b79k',\n"
        "                  dimension=512))\n"
        "except EncoderUnavailableError as error:\n"
        "    print(error, '| CAUSE', type(error.__cause__).__name__)\n"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "museum.settings",
        "DATA_DIR": str(tmp_path),
        "MODEL_CACHE_DIR": str(tmp_path / "models"),
        "HF_HOME": str(tmp_path / "hub"),
        "HF_ENDPOINT": CLOSED,
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "could not download ViT-B-32/laion2b_s34b_b79k from the model hub" in done.stdout
    assert f"point MODEL_CACHE_DIR (now {tmp_path / 'models'})" in done.stdout
    assert "CAUSE ConnectError" in done.stdout


def test_words_are_lower_case_without_accents_punctuation_or_possessives():
    assert words_of("The Café's “still-life”, c. 1890: women\u2019s HATS!") == [
        "the", "cafe", "still", "life", "c", "1890", "women", "hats",
    ]  # fmt: skip


def test_plurals_and_snowy_fold_to_words_that_are_known():
    tokenizer = WordTokenizer(WORDS, 12)
    assert tokenizer.encode("ponies boats snowy sunny") == tokenizer.encode("pony boat snow sun")


def test_words_never_seen_are_told_once_and_in_order(tmp_path):
    encoder = get_encoder(write_checkpoint(tmp_path))
    assert encoder.unknown_words("The zebra, a ZEBRA in snow by Monet") == ["zebra", "by", "monet"]
    assert encoder.count_tokens("the red boat") == 5


def test_byte_pairs_know_every_word(tmp_path):
    encoder = get_encoder(write_checkpoint(tmp_path, words=None))
    assert encoder.unknown_words("zebra by Monet") == []
    assert encoder.count_tokens("zebra by Monet") == 5


def test_the_end_token_is_the_highest_and_never_cut_off():
    tokenizer = WordTokenizer(WORDS, 6)
    ids = tokenizer(["a red boat in the snow", "", "sun"])
    assert ids.shape == (3, 6)
    assert (ids.max(axis=1) == tokenizer.vocab_size - 1).all()
    assert ids[0].argmax() == 5
    assert ids[1].tolist() == [1, tokenizer.vocab_size - 1, 0, 0, 0, 0]
