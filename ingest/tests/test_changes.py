"""A record that changed: what has to be made again is, and nothing else."""

import pytest

from ingest.tests.museum import jpeg, record, records
from ingest.tests.test_ingest_artic import ingest, serve  # noqa: F401 - a fixture
from ingest.tests.test_killed import model  # noqa: F401 - a fixture
from museum import pictures
from museum.models import Artwork
from search.models import Embedding

pytestmark = pytest.mark.django_db(transaction=True)


def vectors(artic_id, kind):
    rows = Embedding.objects.filter(artwork__artic_id=artic_id, kind=kind)
    return {(row.pk, row.source_hash): list(row.vector) for row in rows}


def changed(serve, tmp_path, before, **fields):  # noqa: F811
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
    serve,  # noqa: F811
    model,  # noqa: F811
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
    serve,  # noqa: F811
    model,  # noqa: F811
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
    assert pictures.read(work.image_sha256) == jpeg(9)
