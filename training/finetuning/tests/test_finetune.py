"""Fine-tuning: each part against a plain version, and whole runs of a tiny model."""

import io
import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from django.conf import settings
from django.core.management import CommandError, call_command

from search.encoders.open_clip_encoder import open_clip
from training import losses
from training.datasets import captions, specs
from training.datasets.dataset import Item
from training.finetuning import frozen_towers, optimizer, phase1_heads, wise_ft
from training.finetuning.batches import Batch
from training.finetuning.config import Recipe
from training.finetuning.distributed import ProcessGroup
from training.finetuning.gradient_cache import backward
from training.finetuning.run import Run, finetune
from training.finetuning.towers import Towers
from training.tests import tiny

RECIPE = Recipe(
    head_epochs=3, head_batch=32, head_texts=2, epochs=3, batch=16, micro=16, rate=1e-3, alphas=3,
    patience=9,
)  # fmt: skip


@pytest.fixture
def towers(base):
    return Towers.of(base, torch.device("cpu"), bf16=False)


def start(base, folder, recipe=RECIPE, number=90, **more):
    return Run(
        base, tiny.dataset(number), recipe, folder, folder.parent / "cache", bf16=False,
        probe=replace(tiny.dataset(20), name="probe"), **more,
    )  # fmt: skip


def batch_of(towers, number=12):
    items = tiny.dataset().items[:number]
    pixels = np.stack([np.asarray(item.open()) for item in items])
    tokens = towers.tokens([item.alt_texts[0] for item in items])
    groups = torch.arange(number)[:, None] // 3
    return Batch(pixels, tokens, losses.equal_rows(groups))


def test_gradient_caching_gives_the_gradient_of_the_whole_batch(towers):
    gradients = []
    for micro in (12, 5):
        towers.model.zero_grad()
        loss = backward(towers, batch_of(towers), micro, ProcessGroup())
        gradients.append((loss, {n: p.grad.clone() for n, p in towers.model.named_parameters()}))
    (one, whole), (other, parts) = gradients
    assert one == pytest.approx(other, abs=1e-6)
    assert whole.keys() == parts.keys()
    for name, gradient in whole.items():
        torch.testing.assert_close(parts[name], gradient, atol=1e-6, rtol=1e-4)


def test_the_sigmoid_loss_equals_the_naive_one():
    generator = torch.Generator().manual_seed(0)
    images, written = (
        torch.nn.functional.normalize(torch.randn(5, 8, generator=generator), dim=-1)
        for _ in range(2)
    )
    matches = torch.rand(5, 5, generator=generator) < 0.3
    expected = 0.0
    for i in range(5):
        for j in range(5):
            if i == j or not matches[i, j]:
                score = 10 * float(written[i] @ images[j]) - 3
                expected += np.log1p(np.exp(-score if i == j else score)) / 5
    got = losses.sigmoid(images, written, torch.tensor(10.0), torch.tensor(-3.0), matches)
    assert float(got) == pytest.approx(expected, rel=1e-5)


def test_lower_layers_learn_more_slowly_and_norms_are_not_decayed(towers):
    recipe = replace(RECIPE, image_decay=0.5, text_decay=0.1)
    found = {}
    for group in optimizer.adamw(towers.model, recipe).param_groups:
        for parameter in group["params"]:
            found[id(parameter)] = (group["factor"], group["weight_decay"])
    named = {n: found[id(p)] for n, p in towers.model.named_parameters()}
    assert named["visual.proj"] == (1.0, 0.1)
    assert named["visual.transformer.resblocks.1.mlp.c_fc.weight"] == (0.5, 0.1)
    assert named["visual.transformer.resblocks.0.mlp.c_fc.weight"] == (0.25, 0.1)
    assert named["visual.conv1.weight"] == (0.125, 0.1)
    assert named["visual.ln_pre.weight"] == (0.125, 0.0)
    assert named["text_projection"] == (1.0, 0.1)
    assert named["token_embedding.weight"] == (pytest.approx(0.001), 0.0)
    assert named["logit_scale"] == (1.0, 0.0)
    optimizer.freeze(towers.model, 1)
    learns = {n for n, p in towers.model.named_parameters() if p.requires_grad}
    assert "visual.transformer.resblocks.1.ln_1.weight" in learns
    assert "visual.transformer.resblocks.0.ln_1.weight" not in learns
    assert {"visual.proj", "token_embedding.weight", "logit_scale"} <= learns


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("visual.layer1.0.conv1.weight", 1), ("visual.layer4.0.bn1.weight", 4),
        ("visual.conv1.weight", 0), ("visual.attnpool.c_proj.weight", 5),
        ("visual.trunk.blocks.3.norm1.weight", 4), ("visual.trunk.patch_embed.proj.weight", 0),
        ("text.transformer.encoder.layer.2.output.dense.weight", 3),
    ],
)  # fmt: skip
def test_layers_are_known_by_their_names(name, layer):
    assert optimizer.depth(name, 4) == layer


def test_merged_heads_answer_as_the_heads_did(towers):
    batch = batch_of(towers)
    trained = phase1_heads.residual_heads(towers.model, 16)
    torch.manual_seed(1)
    for parameter in (trained.image.change.weight, trained.text.change.weight):
        torch.nn.init.normal_(parameter, std=0.3)
    with torch.no_grad():
        pictures = towers.pictures(batch.pixels)
        wanted = [
            torch.nn.functional.normalize(head(vectors), dim=-1)
            for head, vectors in (
                (trained.image, towers.images(pictures)), (trained.text, towers.texts(batch.tokens))
            )
        ]  # fmt: skip
        phase1_heads.merge(towers.model, trained)
        torch.testing.assert_close(towers.images(pictures), wanted[0], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(towers.texts(batch.tokens), wanted[1], atol=1e-5, rtol=1e-4)


def test_weights_between_are_a_mean_and_a_probe_bounds_the_choice():
    base, tuned = (
        {"w": torch.zeros(2), "n": torch.tensor(1)},
        {"w": torch.ones(2), "n": torch.tensor(1)},
    )
    assert wise_ft.interpolate(base, tuned, 0.25)["w"].tolist() == [0.25, 0.25]
    assert wise_ft.interpolate(base, tuned, 0.0) is base
    points = [
        wise_ft.SweepPoint(0.0, 0.5, 0.80, 0.0), wise_ft.SweepPoint(0.5, 0.6, 0.799, 0.009),
        wise_ft.SweepPoint(1.0, 0.7, 0.795, 0.015),
    ]  # fmt: skip
    assert wise_ft.choose(points, 0.01).alpha == 0.5
    assert wise_ft.choose(points, 0.02).alpha == 1.0
    assert wise_ft.choose([p._replace(mrr=0.5 - p.alpha) for p in points], 0.02).alpha == 0.0
    assert wise_ft.choose([wise_ft.SweepPoint(p.alpha, p.mrr) for p in points], 0.01).alpha == 1.0


@pytest.mark.parametrize(("texts", "chosen"), [(200, 0.0), (20_000, 1.0)])
def test_a_probe_that_is_too_small_to_show_that_little_is_lost_allows_nothing(texts, chosen):
    draw = np.random.default_rng(0)
    change = np.resize([-0.5, 0.0, 0.0, 0.5], texts)  # as many find more as find less
    before = draw.random(texts)
    points = wise_ft.sweep(
        {"w": torch.zeros(1)}, {"w": torch.ones(1)}, 2,
        lambda state: (float(state["w"]), before - float(state["w"]) * change),
        [str(text) for text in range(texts)],
    )  # fmt: skip
    assert points[1].probe == pytest.approx(points[0].probe)
    # One-sided, so 1.645 standard errors; the changes have a variance of 1/8.
    assert points[1].lost == pytest.approx(1.645 * (0.125 / texts) ** 0.5, rel=0.1)
    assert wise_ft.choose(points, 0.01).alpha == chosen


def test_captions_are_cleaned_and_drawn_by_the_recipes_shares():
    item = Item(
        key="1", open=None, image="1", title="Boats", artist="Ada", facts=("oil", "1901"),
        captions=("<p>Two boats rest. Gift of A. Friend in 1920. The sea is <em>calm</em>.</p>",),
        alt_texts=("A work made of oil on canvas.", "Boats at rest on water."),
    )  # fmt: skip
    said = captions.item_texts(item, lambda text: len(text.split()) <= 5)
    assert said.first == "Two boats rest."
    assert said.windows == ("Two boats rest.", "The sea is calm.")
    assert said.alt_texts == ("Boats at rest on water.",)
    rng = random.Random(0)
    drawn = [captions.draw(said, rng) for _ in range(4000)]
    share = {text: drawn.count(text) / 4000 for text in set(drawn)}
    assert share["Boats at rest on water."] == pytest.approx(0.15, abs=0.03)
    assert share["Boats by Ada"] == pytest.approx(0.15, abs=0.03)
    assert share["Two boats rest."] == pytest.approx(0.4, abs=0.03)
    assert {"oil", "1901", "oil, 1901"} <= set(share)
    alone = captions.item_texts(
        replace(item, captions=(), alt_texts=(), facts=()), lambda text: True
    )
    assert captions.draw(alone, rng) == captions.validation_caption(alone) == "Boats by Ada"


def test_a_run_learns_and_chooses_between_base_and_tuned(base, tmp_path):
    tuned = finetune(start(base, tmp_path / "run", replace(RECIPE, probe_loss=1.0)))
    assert len(tuned.sweep) == 3
    assert tuned.chosen.mrr == max(p.mrr for p in tuned.sweep) > tuned.sweep[0].mrr
    assert {entry["phase"] for entry in tuned.history} == {1, 2}
    of_phase_2 = [e["loss"] for e in tuned.history if e["phase"] == 2 and "loss" in e]
    assert np.mean(of_phase_2[-4:]) < np.mean(of_phase_2[:4])
    assert list((tmp_path / "cache" / "features").glob("*.npz"))
    tested = {tiny.dataset().items[row].key for row in tuned.test_rows}
    assert all(tuned.parts[key] == "test" for key in tested)


def test_phases_end_when_validation_has_not_risen_for_so_many_epochs(base, tmp_path):
    recipe = replace(RECIPE, epochs=9, head_epochs=9, rate=0.0, head_rate=0.0, patience=2)
    tuned = finetune(start(base, tmp_path / "run", recipe))
    judged = [e["phase"] for e in tuned.history if "validation_MRR" in e]
    assert judged == [1, 1, 1, 2, 2, 2]  # as it came, and two epochs that change nothing
    assert list((tmp_path / "run" / "tensorboard").glob("events.*"))


def test_frozen_towers_learn_their_projections_alone(tmp_path):
    frozen_towers.write(
        "resnet18+transformer", tmp_path / "pair", pretrained=False, seed=0, size=32
    )
    pair = tiny.encoder(tmp_path / "pair")
    recipe = replace(
        RECIPE, frozen=True, phases=(1,), alphas=2, probe_loss=1.0, head_epochs=9, head_rate=1e-2
    )
    tuned = finetune(start(pair, tmp_path / "run", recipe, number=40))
    before, after = pair.model.state_dict(), tuned.towers.state()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"visual.head.proj.weight", "text.text_projection", "logit_scale"}
    assert tuned.chosen.alpha == 1.0
    assert tuned.sweep[1].mrr > tuned.sweep[0].mrr
    with pytest.raises(frozen_towers.UnknownTowersError, match="IMAGE"):
        frozen_towers.write(
            "no_such_model+transformer", tmp_path / "none", pretrained=False, seed=0
        )


class KilledError(Exception):
    pass


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_a_run_killed_at_any_step_ends_with_the_same_weights(base, tmp_path, ema):
    recipe = replace(RECIPE, ema=ema)
    whole = finetune(start(base, tmp_path / "whole", recipe)).towers.state()
    steps = []

    def killed_at(last):
        def on_step(step):
            steps.append(step)
            if step == last:
                raise KilledError

        return on_step

    for last in (2, 7):  # within an epoch, and after one; what is saved is a little older
        with pytest.raises(KilledError):
            finetune(start(base, tmp_path / "run", recipe, on_step=killed_at(last), save_minutes=0))
    resumed = finetune(start(base, tmp_path / "run", recipe)).towers.state()
    assert steps == [1, 2, 2, 3, 4, 5, 6, 7] or steps == [1, 2, *range(3, 8)]
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)


@pytest.mark.django_db
def test_the_command_registers_a_draft_that_search_can_load(settings, base, tmp_path, monkeypatch):
    from search.encoders import get_encoder
    from search.models import EmbeddingModel

    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(specs, "load", lambda spec: tiny.dataset())
    out = io.StringIO()
    call_command(
        "finetune", f"--base={base.name}", "--data=tiny", "--epochs=1", "--batch=16", "--name=mine",
        "--json", stdout=out, stderr=io.StringIO(),
    )  # fmt: skip
    told = json.loads(out.getvalue().splitlines()[-1])
    model = EmbeddingModel.objects.get(name="mine")
    assert model.state == "draft"
    assert model.metrics["figures"] == told["figures"]
    [ours], [theirs] = (
        EmbeddingModel.objects.get(name=n).metrics["evaluation"].values() for n in ("mine", "tiny")
    )
    assert ours["mrr"] == told["figures"]["tuned"]["MRR"]
    assert theirs["r5"] == told["figures"]["base"]["R@5"]
    facts = json.loads((tmp_path / "models" / "mine" / "facts.json").read_text())
    assert facts["recipe"]["epochs"] == 1
    assert facts["base"]["fingerprint"] == base.fingerprint
    assert get_encoder(model).encode_texts(["red"]).shape == (1, 16)
    assert not (tmp_path / "models" / "mine" / "state.pt").exists()
    with pytest.raises(CommandError, match="nothing to resume"):
        call_command(
            "finetune", f"--base={base.name}", "--data=tiny", "--name=mine", "--resume",
            stderr=io.StringIO(),
        )  # fmt: skip
    EmbeddingModel.objects.filter(name="mine").update(state="ready")
    with pytest.raises(CommandError, match="another --name"):
        call_command("finetune", f"--base={base.name}", "--data=tiny", "--name=mine")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["SigLIP 2", "CLIPA", "RoBERTa"])
def test_the_tokenizer_of_hugging_face_is_saved_with_the_model(
    settings, tmp_path, monkeypatch, kind
):
    """The draft encodes, is exported and queried with its own tokenizer alone."""
    pytest.importorskip("transformers", reason="makes the base: pip install '.[dev]'")
    from search import encoders
    from search.encoders.tests import test_hugging_face_models as hugging_face
    from search.models import EmbeddingModel
    from training.datasets import specs

    settings.DATA_DIR = tmp_path
    settings.EXPORT_DIR = str(tmp_path / "exports")
    settings.QUERY_ENCODER = "onnx"
    monkeypatch.setattr(specs, "load", lambda spec: tiny.dataset())
    base = hugging_face.write(tmp_path / "base", kind)
    call_command(
        "finetune", f"--base={base.checkpoint}", "--data=tiny", "--phases=1", "--name=mine",
        stdout=io.StringIO(), stderr=io.StringIO(),
    )  # fmt: skip
    monkeypatch.setattr(open_clip, "get_tokenizer", None)  # the draft has no use for it
    model = EmbeddingModel.objects.get(name="mine")
    of_base, of_draft = encoders.get_encoder(base).tokenizer, encoders.get_encoder(model).tokenizer
    texts = hugging_face.TEXTS
    assert (of_draft(texts) == of_base(texts)).all()
    assert of_draft.options == of_base.options
    assert encoders.prepare_queries(model)
    vectors = hugging_face.in_a_web_process(model, texts, settings.EXPORT_DIR)
    assert (vectors * encoders.get_encoder(model).encode_texts(texts)).sum(axis=1).min() > 0.9999


@pytest.mark.django_db
def test_a_run_whose_model_cannot_be_loaded_is_kept(settings, base, tmp_path, monkeypatch):
    from search.models import EmbeddingModel
    from training.datasets import specs
    from training.finetuning import registration

    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(specs, "load", lambda spec: tiny.dataset())
    arguments = [
        "finetune", f"--base={base.name}", "--data=tiny", "--epochs=1", "--batch=16", "--name=mine"
    ]  # fmt: skip
    written = registration.write

    def write_half(folder, tuned, facts):
        written(folder, tuned, facts)
        (folder / "open_clip_model.safetensors").write_bytes(b"")

    with monkeypatch.context() as broken:
        broken.setattr(registration, "write", write_half)
        with pytest.raises(CommandError, match=r"trained, and cannot be loaded.*--resume"):
            call_command(*arguments, stdout=io.StringIO(), stderr=io.StringIO())
    assert (tmp_path / "models" / "mine" / "state.pt").exists()
    assert not EmbeddingModel.objects.filter(name="mine").exists()
    call_command(*arguments, "--resume", stdout=io.StringIO(), stderr=io.StringIO())
    assert EmbeddingModel.objects.get(name="mine").state == "draft"
    assert not (tmp_path / "models" / "mine" / "state.pt").exists()


def test_frozen_towers_of_hugging_face_are_written_with_their_tokenizer(tmp_path):
    pytest.importorskip("transformers", reason="makes the text tower: pip install '.[dev]'")
    from search.encoders.tests import test_hugging_face_models as hugging_face

    hugging_face.write_text_tower(tmp_path / "text")
    spec = f"resnet18+{tmp_path / 'text'}"
    frozen_towers.write(spec, tmp_path / "pair", pretrained=False, seed=0, size=32)
    pair = tiny.encoder(tmp_path / "pair")
    theirs = open_clip.tokenizer.HFTokenizer(str(tmp_path / "text"))
    texts = hugging_face.TEXTS
    assert (pair.tokenizer(texts) == theirs(texts).numpy()).all()
    assert pair.encode_texts(texts).shape == (len(texts), frozen_towers.EMBEDDING_DIMENSION)


def test_two_processes_do_what_one_does(base, tmp_path):
    """torchrun with gloo: both end with the same weights, which are those of one process.

    It takes long on a busy machine: three new processes import torch.
    """
    tiny.write_model(tmp_path / "tiny")
    script = Path(__file__).with_name("torchrun_finetune.py")
    environment = {**os.environ, "PYTHONPATH": str(settings.BASE_DIR), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone",
         script, tmp_path, "two"],
        env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = sorted(line.split() for line in done.stdout.splitlines() if " 2 " in line)
    assert [line[0] for line in told] == ["0", "1"]
    assert told[0][2:] == told[1][2:]
    alone = finetune(start(base, tmp_path / "one", replace(RECIPE, micro=4))).towers.state()
    together = torch.load(tmp_path / "two-0.pt", weights_only=True)
    for name, weight in alone.items():
        torch.testing.assert_close(together[name], weight, atol=2e-3, rtol=1e-2)
