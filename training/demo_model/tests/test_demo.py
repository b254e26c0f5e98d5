"""The demo model trains, is written and loads as in search, and the shipped one is good."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from django.core.management import CommandError, call_command
from django.test import override_settings

from ingest.sample.render import render
from search.encoders.open_clip_encoder import open_clip
from training.demo_model import architecture, corpus, evaluate, model_card, train, vocabulary
from training.demo_model.config import Recipe
from training.management.commands.train_demo import SHIPPED

RECIPE = Recipe(cycles=1, epochs=6, batch=32, peak=1e-3, minutes=5, seed=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def small(folder) -> corpus.Corpus:
    """A few training pictures."""
    with override_settings(DATA_DIR=folder):
        return corpus.make_corpus(96, 5, held_out=False)


@pytest.fixture(scope="module")
def words(small) -> list[str]:
    """Their vocabulary: collecting it takes longer than an epoch of training."""
    return vocabulary.collect(small.scenes, RECIPE.seed, draws=50_000, at_least=8)


@pytest.fixture(scope="module")
def one_epoch(small, words) -> train.TrainedModel:
    return train.train(small, replace(RECIPE, epochs=1), words=words)


def test_pictures_are_rendered_once_and_found_again(settings, small, folder):
    settings.DATA_DIR = folder
    files = set(folder.rglob("*.npy"))
    times = [path.stat().st_mtime_ns for path in files]
    again = corpus.make_corpus(96, 5, held_out=False)
    assert set(folder.rglob("*.npy")) == files
    assert [path.stat().st_mtime_ns for path in files] == times
    np.testing.assert_array_equal(again.pixels, small.pixels)
    assert not list(folder.rglob("*.partial"))


def test_training_pixels_equal_what_the_encoder_sees():
    scene = corpus.compose_many(1, 0, held_out=False)[0]
    picture = render(scene, 200, 1)
    config = architecture.config(10)["preprocess_cfg"]
    transform = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(**config), is_train=False
    )
    ours = architecture.to_input(corpus.pixels_of(picture)[None])[0]
    torch.testing.assert_close(ours, transform(picture), atol=1e-5, rtol=0)


def test_a_short_run_lowers_the_loss_and_its_checkpoint_loads(small, words, one_epoch, tmp_path):
    trained = train.train(small, RECIPE, words=words)
    assert trained.steps == 18
    assert trained.pictures == 18 * 32
    assert trained.losses[-1] < one_epoch.losses[-1] - 0.1
    architecture.save(trained.model, trained.tokenizer, tmp_path)
    encoder = evaluate.load(tmp_path)
    assert encoder.dim == 256
    assert encoder.unknown_words("a red zeppelin") == ["zeppelin"]
    with torch.inference_mode():
        images = trained.model.encode_image(architecture.to_input(small.pixels[:4]), normalize=True)
    loaded = encoder.encode_images(list(small.pictures())[:4])
    np.testing.assert_allclose(loaded, images.numpy(), atol=5e-3)  # stored as fp16


def test_the_same_seed_gives_the_same_weights(small, words, one_epoch):
    again = train.train(small, replace(RECIPE, epochs=1), words=words)
    one, two = (trained.model.state_dict() for trained in (one_epoch, again))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_an_ended_run_goes_on_after_its_last_cycle(small, words, tmp_path):
    recipe = replace(RECIPE, epochs=1, cycles=2, memory=64)
    whole = train.train(small, recipe, words=words)
    checkpoint = tmp_path / "cycles.pt"
    first = train.train(small, replace(recipe, cycles=1), checkpoint=checkpoint, words=words)
    lines: list[str] = []
    second = train.train(small, recipe, lines.append, checkpoint=checkpoint, words=words)
    assert lines == ["cycle 2 of 2"]
    assert second.steps == whole.steps == 2 * first.steps
    assert second.losses[:1] == first.losses
    ours, theirs = second.model.state_dict(), whole.model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_the_clock_ends_a_run(small, words):
    trained = train.train(small, replace(RECIPE, epochs=1000, minutes=0.03), words=words)
    assert 0 < trained.steps < 1000


def test_augmented_tokens_keep_start_and_end(small):
    words = ["red", "boat", "sea", "snow"]
    tokenizer = train.WordTokenizer(words, architecture.CONTEXT_LENGTH)
    tokens = train.Sampler(small, tokenizer, 0).tokens(["red boat sea snow"] * 200)
    end = tokenizer.vocab_size - 1
    assert (tokens[:, 0] == 1).all()
    assert ((tokens == end).sum(dim=1) == 1).all()
    lengths = tokens.argmax(dim=1)
    assert lengths.min() < 5 == lengths.max()
    assert (tokens == tokenizer.unknown_id).any()
    for row, length in zip(tokens, lengths, strict=True):
        assert not row[length + 1 :].any()


def test_too_few_scenes_are_refused():
    with pytest.raises(CommandError, match="at least one --batch"):
        call_command("train_demo", "--scenes", "10")


def test_a_missing_model_is_a_command_error(tmp_path):
    with pytest.raises(CommandError, match="correct the model's checkpoint"):
        call_command("evaluate_demo", "--model", str(tmp_path / "none"))


def test_train_demo_writes_weights_facts_and_card(settings, folder, tmp_path):
    settings.DATA_DIR = folder
    out = io.StringIO()
    call_command(
        "train_demo", "--scenes=96", "--batch=32", "--epochs=1", "--cycles=1", "--seed=5",
        "--gallery=40", f"--out={tmp_path}", "--json", stdout=out, stderr=io.StringIO(),
    )  # fmt: skip
    facts = json.loads(out.getvalue().splitlines()[-1])
    assert facts == json.loads((tmp_path / "facts.json").read_text())
    assert facts["figures"]["retrieval"][0]["gallery"] == 40
    assert facts["training_works"] == 96
    card = (tmp_path / "MODEL_CARD.md").read_text()
    assert "not for real art" in card
    assert facts["fingerprint"] in card
    assert "| chance |" in card


def test_the_shipped_model_finds_unseen_works(settings, folder):
    settings.DATA_DIR = folder
    unseen = corpus.make_corpus(200, 9, held_out=True)
    figures = evaluate.evaluate(evaluate.load(SHIPPED), unseen)
    found = figures["retrieval"][0]
    assert found["text_to_image"]["R@5"] > 20 * found["chance"]["R@5"]
    assert found["image_to_text"]["R@5"] > 20 * found["chance"]["R@5"]
    assert figures["visitors"]["P@5"] > 0.6 * figures["visitors"]["ceiling"]


def test_the_shipped_model_is_what_its_facts_say():
    facts = json.loads((SHIPPED / "facts.json").read_text())
    encoder = evaluate.load(SHIPPED)
    assert encoder.fingerprint == facts["fingerprint"]
    assert encoder.dim == facts["dimension"]
    assert (SHIPPED / architecture.WEIGHTS_FILE).stat().st_size == facts["weights_bytes"] <= 16e6
    assert model_card.table(facts["figures"]) in (SHIPPED / "MODEL_CARD.md").read_text()
    assert encoder.unknown_words("a red zeppelin over Chicago") == ["zeppelin", "chicago"]
