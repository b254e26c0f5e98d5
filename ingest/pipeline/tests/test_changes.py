"""A record that changed: what has to be made again is, and nothing else."""

import pytest

from ingest.models import IngestFailure
from ingest.pipeline.tests.test_ingest_artic import (
    ingest,
    serve,  # noqa: F401 - a fixture
)
from ingest.pipeline.tests.test_killed import model  # noqa: F401 - a fixture
from ingest.tests.museum import jpeg, record, records
from museum.images import storage
from museum.models import Artwork
from search import tasks
from search.embeddings import pending, registry
from search.models import Embedding
from testing.factories import vector_model
from testing.tiny_clip import write_checkpoint

pytestmark = pytest.mark.django_db(transaction=True)


def vectors(artic_id, kind):
    rows = Embedding.objects.filter(artwork__artic_id=artic_id, kind=kind)
    return {(row.pk, row.source_hash): list(row.vector) for row in rows}


def changed(serve, tmp_path, before, **fields):
    """Ingest `before`, then the same with fields of work 1 changed, which is then the newest."""
    first = serve(before)
    assert ingest(first, embed=True)["embedded"] == len(before)
    first.close()
    news = record(len(before) + 1, **{**before[0], **fields})
    news["updated_at"] = record(len(before) + 1)["updated_at"]
    second = serve([news, *before[1:]])
    (tmp_path / "images" / "picture-9.jpg").write_bytes(jpeg(9))
    was = vectors(1, "image"), vectors(1, "text"), vectors(2, "image")
    result = ingest(second, embed=True, full=True)
    assert (result["updated"], result["embedded"], result["failed"]) == (1, 1, 0)
    asked = [entry.path for entry in second.log if entry.kind == "picture"]
    return was, (vectors(1, "image"), vectors(1, "text"), vectors(2, "image")), asked


def test_a_changed_description_has_its_text_embedded_and_its_picture_left_alone(
    serve,
    model,
    tmp_path,
):
    text = "<p>The red boat has sailed.</p>"
    was, now, asked = changed(serve, tmp_path, records(3), description=text)
    assert was[0] == now[0] != {}
    # Of the two texts the alternative text stayed as it was, and so did its row.
    assert len(was[1]) == len(now[1]) == 2
    assert len(was[1].keys() & now[1].keys()) == 1
    assert was[2] == now[2]
    assert asked == []


def test_a_changed_image_id_has_the_picture_fetched_and_embedded_and_texts_left_alone(
    serve,
    model,
    tmp_path,
):
    was, now, asked = changed(serve, tmp_path, records(3), image_id="picture-9")
    assert len(asked) == 1
    assert "/picture-9/full/400," in asked[0]
    assert was[1] == now[1] != {}
    assert was[2] == now[2]
    (old,), (new,) = was[0], now[0]
    work = Artwork.objects.get(artic_id=1)
    assert old[1] != new[1] == work.image_sha256
    assert storage.read(work.image_sha256) == jpeg(9)


def test_works_are_embedded_for_the_models_beside_the_active_one_too(
    serve,
    model,
    tmp_path,
):
    write_checkpoint(tmp_path / "next", seed=3)
    first = serve(records(3))
    assert ingest(first, embed=True)["embedded"] == 3
    first.close()
    # One that has been embedded before, one that is being embedded, and one out of use.
    next_one = registry.register(str(tmp_path / "next"))
    tasks.embed_artworks(list(Artwork.objects.values_list("pk", flat=True)), next_one.pk)
    registry.mark_embedding(next_one)
    registry.mark_ready(next_one)
    retired = vector_model("retired", state="retired")
    gone = vector_model("gone", state="ready", checkpoint=str(tmp_path / "gone"))
    Artwork.objects.filter(artic_id=2).update(withdrawn_at="2026-01-01T00:00Z")

    news = record(1, description="<p>It has sailed.</p>", updated_at=record(5)["updated_at"])
    second = serve([news, *records(4)[2:]])
    result = ingest(second, embed=True, full=True, code=1)
    assert (result["updated"], result["created"], result["embedded"]) == (1, 1, 2)
    # The model whose weights are gone is named, once, and stops nothing.
    (failure,) = IngestFailure.objects.all()
    assert (failure.stage, failure.reason, failure.artic_id) == ("embed", "no-model", None)
    assert str(tmp_path / "gone") in failure.message
    works = Artwork.objects.filter(withdrawn_at=None)
    for each in (model, next_one):
        assert not pending.outdated(each, works).exists()
        texts = Embedding.objects.filter(model=each, artwork__artic_id=1, kind="text")
        assert "sailed" in " ".join(row.description.text for row in texts)
        assert Embedding.objects.filter(model=each, artwork__artic_id=4).exists()
    assert not Embedding.objects.filter(model__in=[retired, gone]).exists()
