"""Of the two models for real works one cannot be had: the other does what it can, until later."""

import pytest

from ingest.models import IngestFailure, IngestRun
from ingest.pipeline.tests.test_ingest_artic import (
    ingest,
    serve,  # noqa: F401 - a fixture
)
from ingest.tests.museum import records
from museum.models import Artwork
from search.embeddings import known_models, registry
from search.encoders import families
from search.encoders.tests.test_encoders import write_checkpoint
from search.encoders.tests.test_sentence_encoder import write as write_sentence_encoder
from search.models import Embedding, EmbeddingModel

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 4
WORDS = ["a", "red", "blue", "boat", "numbered", "lies", "in", "the", "harbor", "number"]


@pytest.fixture
def folders(monkeypatch, tmp_path):
    """Where the two models will be, tiny and with random weights; neither is there yet."""
    clip = known_models.KnownModel("vit-b-32", "ViT-B-32", checkpoint=str(tmp_path / "clip"))
    other = known_models.KnownModel(
        "all-minilm-l6-v2",
        families.SENTENCE_TRANSFORMERS.name,
        checkpoint=str(tmp_path / "sentences"),
    )
    monkeypatch.setattr(known_models, "DEFAULT", clip)
    monkeypatch.setattr(known_models, "SENTENCE_ENCODER", other)
    monkeypatch.setattr(known_models, "KNOWN", {known.name: known for known in (clip, other)})
    return {clip.name: tmp_path / "clip", other.name: tmp_path / "sentences"}


def write_clip(folder):
    write_checkpoint(folder, words=WORDS, context_length=16)


def search(client):
    return client.get("/api/search", {"q": "a boat in the harbor"}).json()


def states():
    return dict(EmbeddingModel.objects.values_list("name", "state"))


def assert_complete(client):
    assert states() == {"vit-b-32": "active", "all-minilm-l6-v2": "ready"}
    assert registry.active().description_model.name == "all-minilm-l6-v2"
    of_pictures = Embedding.objects.filter(kind="image", model__name="vit-b-32")
    assert of_pictures.count() == Artwork.objects.count() == COUNT
    of_texts = Embedding.objects.filter(kind="text", model__name="all-minilm-l6-v2")
    assert of_texts.values("artwork").distinct().count() == COUNT
    answer = search(client)
    assert (answer["model"]["name"], answer["warnings"]) == ("vit-b-32", [])
    assert len(answer["results"]) == COUNT
    open_ones = IngestFailure.objects.filter(stage="embed", resolved_at__isnull=True)
    assert not open_ones.exists()


def test_descriptions_are_embedded_where_the_picture_model_is_missing(client, folders, serve):
    fake_server = serve(records(COUNT))
    write_sentence_encoder(folders["all-minilm-l6-v2"])
    found = ingest(fake_server, embed=True, limit=COUNT, code=1)
    assert (found["embedded"], found["failed"]) == (COUNT, 1)
    assert f"the checkpoint folder {folders['vit-b-32']} does not exist" in found["errors"]
    assert IngestRun.objects.get(pk=found["run"]).state == "partial"
    assert states() == {"all-minilm-l6-v2": "active"}
    answer = search(client)
    assert len(answer["results"]) == COUNT
    assert all("text" in result["channels"] for result in answer["results"])
    said = "Pictures are not compared: the model that looks at them is not there yet."
    assert answer["warnings"] == [said]
    assert said in client.get("/search", {"q": "a boat in the harbor"}).content.decode()

    # It is still missing: nothing is lost, and it is said again.
    again = ingest(fake_server, embed=True, limit=COUNT, code=1)
    assert (again["embedded"], again["failed"]) == (0, 1)

    write_clip(folders["vit-b-32"])
    later = ingest(fake_server, embed=True, limit=COUNT)
    assert (later["embedded"], later["failed"]) == (COUNT, 0)
    assert_complete(client)


def test_clip_compares_descriptions_where_the_sentence_encoder_is_missing(client, folders, serve):
    fake_server = serve(records(COUNT))
    write_clip(folders["vit-b-32"])
    found = ingest(fake_server, embed=True, limit=COUNT, code=1)
    assert (found["embedded"], found["failed"]) == (COUNT, 1)
    assert "all-minilm-l6-v2" in found["errors"] or "sentences" in found["errors"]
    assert states() == {"vit-b-32": "active"}
    assert len(search(client)["results"]) == COUNT

    write_sentence_encoder(folders["all-minilm-l6-v2"])
    ingest(fake_server, embed=True, limit=COUNT)
    assert_complete(client)
    assert ingest(fake_server, embed=True, limit=COUNT)["embedded"] == 0


def test_without_either_model_the_works_are_here_and_found_by_words(client, folders, serve):
    found = ingest(serve(records(COUNT)), embed=True, code=1)
    assert (found["images"], found["embedded"]) == (COUNT, 0)
    answer = search(client)
    assert len(answer["results"]) == COUNT
    assert answer["warnings"]


def test_a_model_that_somebody_chose_is_left_alone(folders, tmp_path, serve):
    write_clip(folders["vit-b-32"])
    write_checkpoint(tmp_path / "chosen", words=WORDS, context_length=16, seed=1)
    chosen = registry.activate(registry.register(str(tmp_path / "chosen")))
    ingest(serve(records(COUNT)), embed=True)
    assert states() == {chosen.name: "active"}
