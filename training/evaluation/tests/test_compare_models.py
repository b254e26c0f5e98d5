"""Models are compared on the same works; one that cannot be loaded is named, the others stand."""

import json

import numpy as np
import pytest
from django.core.management import call_command
from PIL import Image

from search.embeddings.known_models import identify
from search.encoders import EncoderUnavailable, get_encoder, hub
from search.encoders.tests.test_sentence_encoder import VOCABULARY
from search.models import EmbeddingModel
from testing.tiny_clip import write_checkpoint

WORDS = ("red", "green", "blue", "a", "picture", "of")


@pytest.fixture
def data(tmp_path):
    """A folder of plain pictures with captions."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    lines = ["file,description"]
    for n in range(40):
        Image.new("RGB", (8, 8), (6 * n, 90, 250 - 6 * n)).save(folder / f"{n}.png")
        lines.append(f"{n}.png,A red picture of {n}.")
    (folder / "captions.csv").write_text("\n".join(lines))
    return f"folder:{folder}"


@pytest.mark.django_db
def test_one_table_for_all_that_load_and_exit_code_1_for_the_rest(
    data, tmp_path, monkeypatch, capsys
):
    def unreachable(*arguments):
        raise hub.HubError("no route") from OSError("no route")

    monkeypatch.setattr(hub, "weights", unreachable)
    write_checkpoint(tmp_path / "tiny", words=WORDS)
    names = (str(tmp_path / "tiny"), "ViT-B-32/laion2b_s34b_b79k", "zoo")
    with pytest.raises(SystemExit) as ended:
        call_command("compare_models", *names, f"--data={data}", "--json", "--part=train")
    assert ended.value.code == 1
    out, err = capsys.readouterr()
    rows = {row["name"]: row for row in json.loads(out.splitlines()[-1])}
    assert list(rows) == list(names)
    tiny = rows[names[0]]
    [found] = tiny["sets"].values()
    assert found["gallery"] == 40
    assert found["queries"] > 20
    assert 0 <= found["R@1"]["low"] <= found["R@1"]["mean"] <= found["R@5"]["mean"] <= 1
    assert set(tiny["query_ms"]) == {"fp32", "int8"}
    assert min(*tiny["query_ms"].values(), tiny["images_per_s"], tiny["memory_mb"]) > 0
    assert tiny["dimension"] == 24
    assert "could not download ViT-B-32/laion2b_s34b_b79k" in rows[names[1]]["error"]
    assert "is no model" in rows["zoo"]["error"]
    assert all(f"{name} is left out: " in err for name in names[1:])
    table = [line for line in out.splitlines() if line.startswith(f"| {names[0]} |")]
    assert len(table) == 1
    assert "unknown" in table[0]  # its licence


def write_blip(folder):
    """A BLIP of random weights, in the files of the published ones."""
    transformers = pytest.importorskip(
        "transformers", reason="BLIP is an extra: pip install '.[blip]'"
    )
    tower = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
             "num_attention_heads": 2, "projection_dim": 8}  # fmt: skip
    config = transformers.BlipConfig(
        text_config={**tower, "vocab_size": len(VOCABULARY), "encoder_hidden_size": 16,
                     "max_position_embeddings": 64, "bos_token_id": 0, "sep_token_id": 3},
        vision_config={**tower, "image_size": 32, "patch_size": 16},
        image_text_hidden_size=8,
    )  # fmt: skip
    model = transformers.BlipForImageTextRetrieval(config).eval()
    model.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY))
    pixels = {"size": {"height": 32, "width": 32}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(pixels))
    return model


@pytest.mark.django_db
def test_blip_gives_the_scores_of_its_own_contrastive_heads(tmp_path):
    import torch

    from search.encoders.torchvision_shim import ensure_torchvision

    ensure_torchvision()
    model = write_blip(tmp_path / "blip")
    known = identify(str(tmp_path / "blip"))
    assert known.architecture == "blip"
    encoder = get_encoder(
        EmbeddingModel(architecture="blip", checkpoint=known.checkpoint, dimension=1)
    )
    noise = np.random.default_rng(0).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    picture, text = Image.fromarray(noise), "a boat"
    tokens = torch.as_tensor(encoder.tokenizer([text]))
    with torch.inference_mode():
        pixels = encoder.prepare(picture)[None]
        theirs = model(input_ids=tokens, pixel_values=pixels, use_itm_head=False).itm_score
    ours = encoder.encode_images([picture]) @ encoder.encode_texts([text]).T
    assert ours == pytest.approx(theirs.numpy(), abs=1e-5)
    assert encoder.encode_texts([]).shape == (0, encoder.dim)


def test_without_the_extra_blip_says_how_to_install_it(monkeypatch, tmp_path):
    import sys

    monkeypatch.setitem(sys.modules, "transformers", None)
    model = EmbeddingModel(architecture="blip", checkpoint=str(tmp_path), dimension=1)
    with pytest.raises(EncoderUnavailable, match=r"pip install '\.\[blip\]'"):
        get_encoder(model)
