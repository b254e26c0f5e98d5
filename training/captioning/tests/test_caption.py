"""CoCa's captions: the likeliest ones, of works without a description, for curators alone."""

import io
import itertools
import json

import pytest
import torch
from django.core.management import CommandError, call_command
from safetensors.torch import save_file

from museum import review_queue
from museum.images import storage
from museum.models import Description
from search.encoders import hub
from search.encoders.open_clip_encoder import open_clip
from testing.factories import picture, work
from testing.tiny_clip import write_checkpoint
from training.captioning import coca
from training.datasets import specs


def config(vocabulary):
    text = {"context_length": 40, "vocab_size": vocabulary, "width": 32, "heads": 2, "layers": 1}
    return {
        "embed_dim": 32,
        "vision_cfg": {
            "image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16,
            "attentional_pool": True, "attn_pooler_heads": 2, "output_tokens": True,
        },
        "text_cfg": {**text, "embed_cls": True, "output_tokens": True},
        "multimodal_cfg": {**text, "attn_pooler_heads": 2},
    }  # fmt: skip


def make(vocabulary):
    """A CoCa of random weights, strong enough to prefer some words to others."""
    torch.manual_seed(3)
    model = open_clip.CoCa(**config(vocabulary)).eval()
    for block in (model.text_decoder, model.visual):
        for parameter in block.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    return model


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny-coca"
    folder.mkdir()
    facts = {"model_cfg": {**config(49408), "custom_text": True}, "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(facts))
    state = {name: tensor.contiguous() for name, tensor in make(49408).state_dict().items()}
    save_file(state, folder / "open_clip_model.safetensors")
    return folder


def test_wide_search_finds_what_trying_every_caption_finds():
    model, start, end, longest = make(7), 5, 6, 3
    pixels = torch.rand(1, 3, 32, 32)
    found = {}
    with torch.inference_mode():
        for length in range(longest + 1):
            for words in itertools.product(range(5), repeat=length):
                line = torch.tensor([[start, *words, end]])
                logits = model(pixels, line[:, :-1], output_labels=False)["logits"][0]
                logs = logits.log_softmax(-1).gather(1, line[0, 1:, None])
                found[words] = float(logs.mean())
    best = max(found, key=found.get)
    assert tuple(coca.beam_search(model, pixels, start, end, longest=longest, beams=5**3)) == best
    narrow = tuple(coca.beam_search(model, pixels, start, end, longest=longest, beams=2))
    assert found[narrow] > sorted(found.values())[len(found) // 2]


@pytest.mark.django_db
def test_works_without_a_description_get_one_that_waits_for_a_curator(checkpoint, media_folder):
    bare, lost, described = work("Bare", seed=1), work("Lost", seed=2), work("D", seed=3, text="T.")
    unpictured = work("No picture")
    alone = work("Alt text alone", seed=4, alt_text="A boat.")
    for each in (bare, alone, described):
        type(each).objects.filter(pk=each.pk).update(source="artic")
    (media_folder / storage.path(lost.image_sha256)).unlink()
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("caption", "--json", model=str(checkpoint), stdout=out, stderr=err)
    assert json.loads(out.getvalue()) == {"written": 2, "failed": 1, "model": "tiny-coca"}
    assert "Lost" in err.getvalue()
    made = Description.objects.filter(source="generated")
    assert {text.artwork_id for text in made} == {bare.pk, alone.pk}
    assert not any(text.is_approved for text in made)
    assert all(text.text[0] == text.text[0].upper() for text in made)
    assert set(review_queue.waiting("generated")) == set(made)
    assert not unpictured.descriptions.exists()

    # Training sees it only where it is asked for, and never what a curator has rejected.
    def captions(spec):
        return {item.key: item.captions for item in specs.load(spec).items}

    assert captions("artic")[str(bare.artic_id)] == ()
    caption = made.get(artwork=bare)
    assert captions("artic+generated")[str(bare.artic_id)] == (caption.text,)
    made.filter(pk=caption.pk).update(reviewed_at="2026-01-01T00:00Z")
    assert captions("artic+generated")[str(bare.artic_id)] == ()

    # A second run has nothing left to do but what failed.
    storage.store(picture(2))
    out = io.StringIO()
    call_command("caption", model=str(checkpoint), stdout=out, stderr=io.StringIO())
    assert "1 captions written, 0 failed" in out.getvalue()


@pytest.mark.django_db
def test_models_that_cannot_write_or_be_reached_are_refused(tmp_path, monkeypatch):
    write_checkpoint(tmp_path / "clip")
    with pytest.raises(CommandError, match=r"finds pictures but cannot write: name a CoCa"):
        call_command("caption", model=str(tmp_path / "clip"))

    def unreachable(*arguments):
        raise hub.HubError("no route") from OSError("no route")

    monkeypatch.setattr(hub, "weights", unreachable)
    with pytest.raises(
        CommandError, match=r"nothing was written: could not download coca_ViT-B-32"
    ):
        call_command("caption")


def test_captions_are_tidied():
    assert coca._sentence(" a  dog , on grass . ") == "A dog, on grass."
    assert coca._sentence("") == ""
