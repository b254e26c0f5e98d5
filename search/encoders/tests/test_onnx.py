"""Queries without torch: exports equal open_clip, damaged ones are refused, int8 is gated."""

import json
import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from django.core.cache import cache as django_cache
from django.core.management import CommandError, call_command
from django.test import override_settings
from PIL import Image

from search import encoders
from search.encoders import EncoderUnavailableError, onnx_encoder, onnx_export, query_vector_cache
from search.encoders.preprocess import Preprocess
from search.encoders.tests.test_encoders import TEXTS, pictures
from search.models import EmbeddingModel
from testing import factories
from testing.tiny_clip import WORDS, write_checkpoint

ROOT = Path(__file__).resolve().parents[3]
KINDS = {
    "words": {"words": WORDS},
    "byte pairs": {"words": None},
    "looks ahead": {"words": WORDS, "no_causal_mask": True, "seed": 1},
}


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """For each kind a tiny model and the folder of its export, made once: it takes seconds."""
    from search.encoders import onnx_exporter

    root = tmp_path_factory.mktemp("onnx")
    models = {}
    with override_settings(EXPORT_DIR=str(root / "exports")):
        for kind, options in KINDS.items():
            model = write_checkpoint(root / kind.replace(" ", "-"), **options)
            encoder = encoders.get_encoder(model)
            model.fingerprint = encoder.fingerprint
            onnx_exporter.ensure(encoder, model.name)
            models[kind] = model
    return root / "exports", models


@pytest.fixture
def exported(made, settings, tmp_path):
    """The models, with exports that the test may damage."""
    settings.QUERY_ENCODER = "onnx"
    settings.EXPORT_DIR = str(tmp_path / "onnx")
    shutil.copytree(made[0], settings.EXPORT_DIR)
    onnx_encoder._loaded.clear()
    yield made[1]
    onnx_encoder._loaded.clear()


@pytest.fixture
def web_process(monkeypatch):
    monkeypatch.setitem(sys.modules, "museum.wsgi", object())


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one * other).sum(axis=1)


# --- Equality with open_clip ----------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
def test_an_export_encodes_texts_and_pictures_as_open_clip_does(exported, kind):
    import torch

    model = exported[kind]
    reference, encoder = encoders.get_encoder(model), encoders.get_query_encoder(model)
    assert isinstance(encoder, onnx_encoder.OnnxEncoder)
    with torch.inference_mode():
        tokens = torch.as_tensor(reference.tokenizer(TEXTS))
        whole = reference.model.encode_text(tokens, normalize=True).numpy()
    assert cosines(encoder.encode_texts(TEXTS), whole).min() > 0.9999
    images = pictures(6)
    assert cosines(encoder.encode_images(images), reference.encode_images(images)).min() > 0.9999
    assert (encoder.dim, encoder.context_length) == (reference.dim, reference.context_length)
    for text in (*TEXTS, "a zebra & <b>co</b>"):
        assert encoder.count_tokens(text) == reference.count_tokens(text)
        assert encoder.unknown_words(text) == reference.unknown_words(text)


def test_every_length_and_batch_of_a_causal_tower_is_exact(exported):
    import torch

    model = exported["words"]
    reference, encoder = encoders.get_encoder(model), encoders.get_query_encoder(model)
    end = reference.model.vocab_size - 1
    rng = np.random.default_rng(0)
    for length in range(2, encoder.context_length + 1):
        for rows in (1, 2, 5):
            tokens = np.zeros((rows, encoder.context_length), np.int64)
            tokens[:, :length] = rng.integers(1, end, (rows, length))
            tokens[:, length - 1] = end
            with torch.inference_mode():
                whole = reference.model.encode_text(torch.as_tensor(tokens), normalize=True)
            short = encoder.shorten(tokens)
            assert short.shape == (rows, length)
            vectors = encoder.run("text", {"tokens": short})
            np.testing.assert_allclose(vectors, whole.numpy(), atol=1e-5)


def test_a_tower_that_looks_ahead_is_exported_at_its_full_length(exported):
    encoder = encoders.get_query_encoder(exported["looks ahead"])
    assert not encoder.cut
    tokens = encoder.tokenizer(["sun"])
    assert encoder.shorten(tokens).shape == (1, encoder.context_length)


def test_a_text_gets_the_same_vector_in_any_company_also_in_int8(exported):
    made = onnx_export.read(exported["words"].fingerprint)
    encoder = onnx_encoder.OnnxEncoder(made, {"text": "int8"})
    alone = [encoder.encode_texts([text])[0] for text in TEXTS]
    np.testing.assert_array_equal(encoder.encode_texts(TEXTS), alone)
    assert encoder.encode_texts([]).shape == (0, encoder.dim)


@pytest.mark.slow
def test_a_full_size_clip_is_exact_at_any_length(tmp_path, settings):
    import torch

    from search.encoders.exportable_towers import TextTower, open_clip

    torch.manual_seed(0)
    model = open_clip.create_model("ViT-B-32", pretrained=None).eval()
    tower = TextTower(model).eval()
    tokens = torch.zeros(3, 77, dtype=torch.long)
    for row, length in enumerate((3, 9, 30)):
        tokens[row, :length] = torch.randint(1, 49406, (length,))
        tokens[row, length - 1] = 49407
    with torch.inference_mode():
        whole = model.encode_text(tokens, normalize=True)
        np.testing.assert_allclose(tower(tokens[:, :30]), whole, atol=1e-5)
        np.testing.assert_allclose(tower(tokens[:1, :3]), whole[:1], atol=1e-5)


@pytest.mark.parametrize("mode", ["shortest", "longest", "squash"])
@pytest.mark.parametrize("size", [32, (32, 32), (24, 40)])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_pictures_are_prepared_as_open_clip_does(mode, size, interpolation):
    from search.encoders.exportable_towers import open_clip

    config = {
        "size": size,
        "mode": "RGB",
        "mean": (0.48, 0.45, 0.4),
        "std": (0.26, 0.25, 0.27),
        "interpolation": interpolation,
        "resize_mode": mode,
        "fill_color": 7,
    }
    theirs = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(**config), is_train=False
    )
    noise = np.random.default_rng(1)
    sizes = [(40, 30), (16, 64), (100, 101), (32, 32), (7, 90), (33, 31), (64, 48)]
    images = [Image.fromarray(noise.integers(0, 255, (*s, 3), dtype=np.uint8)) for s in sizes]
    ours = Preprocess.from_config(json.loads(json.dumps(config)))(images)
    for image, row in zip(images, ours, strict=True):
        np.testing.assert_allclose(row, theirs(image).numpy(), atol=1e-5)


# --- Choosing, refusing, mending ------------------------------------------------------------------
def test_without_an_export_commands_use_torch_and_web_processes_say_what_to_do(
    tmp_path, settings, monkeypatch
):
    settings.QUERY_ENCODER = "onnx"
    model = write_checkpoint(tmp_path / "tiny")
    model.fingerprint = encoders.get_encoder(model).fingerprint
    assert encoders.get_query_encoder(model) is encoders.get_encoder(model)
    monkeypatch.setitem(sys.modules, "museum.wsgi", object())
    with pytest.raises(EncoderUnavailableError, match=r"manage\.py export_model tiny"):
        encoders.get_query_encoder(model)
    settings.QUERY_ENCODER = "torch"
    assert encoders.get_query_encoder(model) is encoders.get_encoder(model)


@pytest.mark.parametrize("name", ["text-fp32.onnx", "text-fp32.onnx.data", "vocab.json"])
def test_a_file_that_changed_is_refused(exported, web_process, name):
    model = exported["words"]
    path = onnx_export.place(model.fingerprint) / name
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(
        onnx_export.DamagedExportError, match=rf"{name} is not what was written.*export_model"
    ):
        encoders.get_query_encoder(model)


def test_a_damaged_export_is_made_again(exported, web_process):
    from search.encoders import onnx_exporter

    model = exported["words"]
    (onnx_export.place(model.fingerprint) / "text-fp32.onnx.data").unlink()
    with pytest.raises(onnx_export.DamagedExportError, match="is missing"):
        encoders.get_query_encoder(model)
    onnx_exporter.ensure(encoders.get_encoder(model), model.name)
    assert encoders.get_query_encoder(model).encode_texts(["sun"]).shape == (1, 24)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ("", "cannot be read"),
        ('{"format": 1}', "cannot be read"),
        ("[]", "cannot be read"),
        ('{"format": 0, "fingerprint": "x"}', "another version"),
    ],
)
def test_facts_that_cannot_be_read_are_refused(exported, web_process, facts, why):
    model = exported["words"]
    (onnx_export.place(model.fingerprint) / onnx_export.FACTS).write_text(facts)
    with pytest.raises(onnx_export.DamagedExportError, match=why):
        encoders.get_query_encoder(model)


def test_the_export_of_other_weights_is_refused(exported, web_process):
    model, other = exported["words"], exported["byte pairs"]
    onnx_export.place(model.fingerprint).rename(Path(onnx_export.place("0" * 32)))
    onnx_export.place(other.fingerprint).rename(onnx_export.place(model.fingerprint))
    with pytest.raises(
        onnx_export.DamagedExportError, match=f"made from the weights {other.fingerprint}"
    ):
        encoders.get_query_encoder(model)


def test_an_export_that_is_whole_is_not_made_again(exported):
    from search.encoders import onnx_exporter

    model = exported["words"]
    before = onnx_export.place(model.fingerprint).stat().st_ino
    onnx_exporter.ensure(encoders.get_encoder(model), model.name)
    assert encoders.prepare_queries(model)
    assert onnx_export.place(model.fingerprint).stat().st_ino == before


def test_a_failed_export_leaves_nothing_behind(tmp_path, settings):
    settings.EXPORT_DIR = str(tmp_path / "exports")

    def fail(folder: Path):
        (folder / "half").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        onnx_export.write("f" * 32, fail)
    assert list(Path(settings.EXPORT_DIR).iterdir()) == []


def test_a_model_whose_tokenizer_needs_packages_is_told_so(tmp_path, settings):
    from search.encoders import onnx_exporter

    encoder = encoders.get_encoder(write_checkpoint(tmp_path / "tiny", seed=3))
    encoder.tokenizer = type("Strange", (), {"context_length": 12})()
    with pytest.raises(
        onnx_exporter.NotExportableError, match=r"Strange needs packages.*QUERY_ENCODER=torch"
    ):
        onnx_exporter.ensure(encoder, "strange")


def test_threads_share_one_encoder_and_get_the_same_vectors(exported):
    model = exported["byte pairs"]
    wanted = encoders.get_query_encoder(model).encode_texts(TEXTS)
    onnx_encoder._loaded.clear()
    results = []

    def encode():
        encoder = encoders.get_query_encoder(model)
        results.append((encoder, encoder.encode_texts(TEXTS), encoder.encode_images(pictures(2))))

    threads = [threading.Thread(target=encode) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(encoder) for encoder, _, _ in results}) == 1
    for _, texts, images in results:
        np.testing.assert_array_equal(texts, wanted)
        np.testing.assert_array_equal(images, results[0][2])


# --- The gate -------------------------------------------------------------------------------------
def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_gate_lets_small_noise_through_and_refuses_more():
    from search.encoders.int8_gate import compare

    rng = np.random.default_rng(0)
    gallery = unit(rng.normal(size=(400, 32)))
    own = rng.integers(0, 400, 200)
    queries = unit(gallery[own] + 0.4 * rng.normal(size=(200, 32)) / 32**0.5)
    same = compare(queries, queries, gallery, own)
    assert same.passed
    assert same.overlap_at_10 == 1
    assert compare(queries, unit(queries + 1e-4), gallery, own).passed
    broken = compare(queries, unit(queries + 0.05 * rng.normal(size=(200, 32))), gallery, own)
    assert not broken.passed
    assert broken.precision == "fp32"
    assert "overlap@10" in broken.reason


def test_the_gate_refuses_vectors_that_are_not_numbers():
    from search.encoders.int8_gate import compare

    rng = np.random.default_rng(0)
    gallery = unit(rng.normal(size=(50, 8)))
    nothing = np.full((5, 8), np.nan)
    assert not compare(gallery[:5], nothing, gallery, np.arange(5)).passed


def test_the_gate_ranks_as_a_plain_sort_does():
    from search.encoders.int8_gate import compare

    rng = np.random.default_rng(2)
    gallery, one, other = (unit(rng.normal(size=(n, 8))) for n in (60, 20, 20))
    own = rng.integers(0, 60, 20)
    figures = compare(one, other, gallery, own)
    tens = [np.argsort(-(queries @ gallery.T), axis=1)[:, :10] for queries in (one, other)]
    overlap = np.mean([len({*a} & {*b}) / 10 for a, b in zip(*tens, strict=True)])
    assert figures.overlap_at_10 == pytest.approx(overlap, abs=1e-4)
    found = np.mean([row in ten for row, ten in zip(own, tens[0], strict=True)])
    assert figures.recall_at_10_fp32 == pytest.approx(found, abs=1e-4)


@pytest.fixture
def collection(db, exported):
    """The word model, registered, with pictures and titles of 120 works embedded by it."""
    model = exported["words"]
    model = EmbeddingModel.objects.create(
        name="tiny",
        architecture="tiny",
        checkpoint=model.checkpoint,
        fingerprint=model.fingerprint,
        dimension=24,
    )
    rng = random.Random(0)
    vectors = factories.unit(np.random.default_rng(0), 120, 24)
    for n in range(120):
        artwork = factories.work(" ".join(rng.choices(WORDS, k=4)), seed=n)
        factories.give_vector(artwork, model, vectors[n])
    return model


def add_noise(model: EmbeddingModel, amount: float) -> None:
    """Spoil the int8 text tower's weights, sums included, as a bad quantiser would."""
    found = onnx_export.read(model.fingerprint)
    data = found.model("text", "int8").with_name("text-int8.onnx.data")
    weights = np.frombuffer(data.read_bytes(), np.uint8).copy()
    rng = np.random.default_rng(0)
    spoilt = rng.random(len(weights)) < amount
    weights[spoilt] ^= 0x40
    data.write_bytes(weights.tobytes())
    found.facts["files"][data.name] = onnx_export.checksum(data)
    found.save()


def test_a_broken_int8_tower_is_refused_and_fp32_answers(collection):
    from search.encoders import int8_gate

    add_noise(collection, 0.05)
    figures = int8_gate.run(collection, onnx_export.read(collection.fingerprint))
    assert not figures["text"].passed
    assert encoders.get_query_encoder(collection).precision["text"] == "fp32"
    collection.refresh_from_db()
    said = collection.metrics["onnx"]
    assert said["precision"]["text"] == "fp32"
    assert "overlap@10" in said["gate"]["text"]["reason"]


def test_the_choice_of_the_gate_is_what_answers(collection, monkeypatch):
    from search.encoders import int8_gate

    monkeypatch.setattr(int8_gate, "MIN_OVERLAP", 0.5)
    monkeypatch.setattr(int8_gate, "MAX_RECALL_LOSS", 0.5)
    before = encoders.get_query_encoder(collection)
    assert before.precision["text"] == "fp32"
    made = int8_gate.prepare(collection)
    figures = made.facts["gate"]["text"]
    assert figures["works"] == 120
    assert figures["queries"] >= 100
    assert made.facts["gate"]["image"]["recall_at_10_fp32"] >= 0
    after = encoders.get_query_encoder(collection)
    assert after is not before
    assert after.precision == {"text": "int8", "image": "int8"}
    # Nothing has grown, so it is not measured again.
    monkeypatch.setattr(int8_gate, "run", lambda *_: pytest.fail("measured again"))
    int8_gate.prepare(collection)


def test_few_works_are_no_measure_so_fp32_stays(collection, capsys):
    collection.embeddings.filter(pk__gt=collection.embeddings.order_by("pk")[40].pk).delete()
    call_command("export_model", "tiny", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["gate"] == {}
    assert said["precision"] == {"text": "fp32", "image": "fp32"}
    call_command("export_model", "tiny")
    assert "too few works are embedded" in capsys.readouterr().out


def test_an_unknown_name_lists_the_registered_ones(collection):
    with pytest.raises(CommandError, match=r"no model 'none' is registered \(registered: tiny\)"):
        call_command("export_model", "none")


# --- The cache ------------------------------------------------------------------------------------
class Counting:
    """An encoder that counts what it is asked."""

    dim, fingerprint = 3, "a" * 32

    def __init__(self):
        self.asked = []

    def encode_texts(self, texts):
        self.asked += texts
        return np.array([[len(text) / 3, 0.1, 0.2] for text in texts], np.float32)


@pytest.fixture
def counting():
    django_cache.clear()
    yield Counting()
    django_cache.clear()


def test_a_query_is_encoded_once_and_always_has_the_same_vector(counting):
    first = query_vector_cache.encode_texts(counting, ["a boat", "the sea", "a boat"])
    again = query_vector_cache.encode_texts(counting, ["the sea", "a boat"])
    assert counting.asked == ["a boat", "the sea"]
    np.testing.assert_array_equal(first[[1, 0]], again)
    assert first.dtype == np.float32
    np.testing.assert_allclose(first[0], [2, 0.1, 0.2], atol=1e-3)
    assert query_vector_cache.encode_texts(counting, []).shape == (0, 3)


def test_vectors_of_other_weights_are_not_taken(counting):
    query_vector_cache.encode_texts(counting, ["a boat"])
    other = Counting()
    other.fingerprint = "b" * 32
    query_vector_cache.encode_texts(other, ["a boat"])
    assert other.asked == ["a boat"]


def redis(url: str):
    backend = "museum.core.caching.redis_cache.SharedCache"
    return override_settings(CACHES={"default": {"BACKEND": backend, "LOCATION": url}})


def test_a_cache_that_is_down_costs_no_answer(counting):
    with redis("redis://127.0.0.1:9/0"):
        assert query_vector_cache.encode_texts(counting, ["a boat"]).shape == (1, 3)


@pytest.mark.redis
def test_processes_share_vectors_through_redis(counting, redis_url):
    with redis(redis_url):
        django_cache.clear()
        query_vector_cache.encode_texts(counting, ["a boat"])
        other = Counting()
        query_vector_cache.encode_texts(other, ["a boat"])
        assert other.asked == []


# --- Web processes --------------------------------------------------------------------------------
def without_torch(code: str, environment: dict[str, str]) -> None:
    """Run `code` as a web process; fail if anything imported what belongs to workers."""
    watched = "'torch', 'torchvision', 'open_clip', 'onnx', 'transformers'"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint(sorted({{{watched}}} & set(sys.modules)))"],
        cwd=ROOT,
        env={
            **environment,
            "DJANGO_SETTINGS_MODULE": "museum.settings",
            "EXPORT_DIR": str(onnx_export.place("x").parent),
            "QUERY_ENCODER": "onnx",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_a_web_process_encodes_words_and_pictures_without_torch(exported):
    code = f"""
import sys, museum.wsgi
from search import encoders
from search.models import EmbeddingModel
from PIL import Image
encoder = encoders.get_query_encoder(
    EmbeddingModel(fingerprint={exported["byte pairs"].fingerprint!r}, dimension=24)
)
assert encoder.encode_texts(["a boat at sea"]).shape == (1, 24)
assert encoder.encode_images([Image.new("L", (40, 30))]).shape == (1, 24)
"""
    without_torch(code, dict(os.environ))


def test_a_web_process_answers_a_search_by_vectors_without_torch(exported, subprocess_environment):
    model = EmbeddingModel.objects.create(
        name="tiny",
        architecture="tiny",
        fingerprint=exported["words"].fingerprint,
        dimension=24,
        state=EmbeddingModel.State.ACTIVE,
    )
    vectors = factories.unit(np.random.default_rng(0), 3, 24)
    for n in range(3):
        factories.give_vector(factories.work("Untitled", seed=n), model, vectors[n])
    # No word of the works matches: what is found is found by its picture.
    code = """
import sys, museum.wsgi
from django.test import Client
for url in ("/api/search", "/search"):
    answer = Client().get(url, {"q": "red boat"}, headers={"host": "localhost"})
    assert answer.status_code == 200, (url, answer.status_code)
    assert b"Untitled" in answer.content, answer.content
"""
    # DEBUG: a clean clone has collected no static files.
    without_torch(code, {**subprocess_environment, "DEBUG": "true"})
