"""The real path, end to end: an untrained open_clip model, the works of a small museum, no hub.

By default a tiny vision transformer. `TUNED_ARCHITECTURE=ViT-B-32` does the same with the default
model of real collections, in some minutes. Even the tiny one takes up to a minute: it is trained,
resumed, exported to ONNX twice and gated, as one model in one database.
"""

import io
import json
import os

import pytest
from django.core.management import call_command

from museum.images import storage
from museum.models import Artist, Artwork, Description
from operations.benchmarks import untrained_encoder
from search.embeddings import registry
from search.encoders import int8_gate
from search.models import EmbeddingModel
from training.management.commands import finetune as command
from training.tests import tiny

WORKS = 20
ARCHITECTURE = os.environ.get("TUNED_ARCHITECTURE")


class KilledError(Exception):
    pass


@pytest.fixture
def collection(settings, tmp_path):
    """Works with small stored pictures and a sentence each, two to an artist."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    settings.EXPORT_DIR, settings.QUERY_ENCODER = str(tmp_path / "onnx"), "onnx"
    for number, item in enumerate(tiny.dataset(WORKS).items):
        encoded = io.BytesIO()
        item.open().resize((64, 64)).save(encoded, "PNG")
        artist, _ = Artist.objects.get_or_create(name=f"Artist {number // 2}")
        work = Artwork.objects.create(
            artic_id=number, title=item.title, artist=artist, source="artic", record_hash="x",
            image_status="stored", image_sha256=storage.store(encoded.getvalue()),
        )  # fmt: skip
        Description.objects.create(artwork=work, source="description", text=item.captions[0])


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_a_vit_is_tuned_killed_resumed_embedded_exported_gated_and_activated(
    collection, tmp_path, monkeypatch
):
    if ARCHITECTURE:
        untrained_encoder.write(tmp_path / "vit", ARCHITECTURE)
    else:
        tiny.write_model(tmp_path / "vit")
    ordinary = command.finetune

    def killed(run):
        def on_step(step):
            if step == 3:
                raise KilledError

        run.on_step = on_step
        return ordinary(run)

    options = (
        "finetune", f"--base={tmp_path / 'vit'}", "--data=artic", "--phases=2", "--epochs=3",
        "--batch=8", "--micro=4", "--rate=1e-4", "--name=vit-on-artic", "--alphas=2",
    )  # fmt: skip
    monkeypatch.setattr(command, "finetune", killed)
    with pytest.raises(KilledError):
        call_command(*options, stderr=io.StringIO())
    monkeypatch.setattr(command, "finetune", ordinary)
    assert (tmp_path / "models" / "vit-on-artic" / "state.pt").exists()
    said = io.StringIO()
    call_command(*options, "--resume", "--json", stdout=said, stderr=io.StringIO())
    facts = json.loads(said.getvalue().splitlines()[-1])
    assert len(facts["sweep"]) == 2
    steps = (tmp_path / "models" / "vit-on-artic" / "history.jsonl").read_text().splitlines()
    taken = [entry["step"] for entry in map(json.loads, steps) if "loss" in entry]
    assert taken == list(range(1, len(taken) + 1))
    assert len(taken) > 3
    monkeypatch.setattr(int8_gate, "LEAST_WORKS", WORKS)
    call_command("embed", "--model=vit-on-artic", stdout=io.StringIO(), stderr=io.StringIO())
    call_command("activate", "vit-on-artic", stdout=io.StringIO(), stderr=io.StringIO())
    model = EmbeddingModel.objects.get(name="vit-on-artic")
    assert registry.active() == model
    assert model.metrics["onnx"]["gate"]["text"]["works"] == WORKS
    assert model.metrics["alpha"] == facts["alpha"]
