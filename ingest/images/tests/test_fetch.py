"""Where pictures come from, and what is kept of them beside their bytes."""

import pytest

from ingest.images import sources
from ingest.models import IngestFailure, IngestRun
from ingest.pipeline.tests.test_ingest_artic import (
    ingest,
    serve,  # noqa: F401 - fixtures
)
from ingest.sources.artic.fake_server import Faults
from ingest.tests.museum import jpeg, record, records
from museum.images import storage
from museum.models import Artwork

pytestmark = pytest.mark.django_db(transaction=True)


# --- From a folder --------------------------------------------------------------------------------
def test_pictures_come_from_a_folder_and_no_host_is_asked(serve, tmp_path):
    fake_server, folder = serve(records(4)), tmp_path / "held"
    folder.mkdir()
    (folder / "picture-1.jpg").write_bytes(jpeg(1))
    (folder / "picture-2.jpeg").write_bytes(jpeg(2))
    (folder / "picture-3.png").write_bytes(b"no picture at all")
    result = ingest(fake_server, code=1, images_from=folder)
    assert all(entry.kind == "api" for entry in fake_server.log)
    assert (result["images"], result["failed"]) == (2, 1)
    assert "1 pictures are not in" in result["output"]
    states = dict(Artwork.objects.values_list("artic_id", "image_status"))
    assert states == {1: "stored", 2: "stored", 3: "invalid", 4: "pending"}
    assert "no picture-4.jpg, .jpeg, .png or .webp" in Artwork.objects.get(artic_id=4).image_reason
    assert storage.read(Artwork.objects.get(artic_id=2).image_sha256) == jpeg(2)


def test_an_image_id_never_leads_out_of_the_folder(tmp_path):
    folder = tmp_path / "held"
    folder.mkdir()
    (tmp_path / "secret.jpg").write_bytes(jpeg(1))
    for image_id in ("../secret", "..", "", "/etc/passwd", f"{tmp_path}/secret", ".hidden"):
        assert sources.Folder(folder).ask(Artwork(image_id=image_id)) is None


def test_a_folder_that_is_not_there_is_exit_2(serve):
    with pytest.raises(Exception, match="no such folder"):
        ingest(serve(records(1)), images_from="/nowhere/at/all")
    assert not IngestRun.objects.exists()


# --- What is kept of them -------------------------------------------------------------------------
def test_hash_colours_and_placeholder_are_kept(serve):
    thumbnail = record(2)["thumbnail"] | {"lqip": None}
    ingest(serve([record(1), record(2, thumbnail=thumbnail)]))
    one, two = Artwork.objects.order_by("artic_id")
    assert one.lqip.startswith("data:image/gif")  # the source's own
    assert two.lqip.startswith("data:image/webp")
    assert isinstance(one.phash, int)
    assert [colour["weight"] for colour in one.palette] == [1.0]


def test_pictures_of_an_earlier_version_get_what_they_lack_without_being_fetched(serve):
    fake_server = serve(records(3))
    ingest(fake_server)
    before = list(Artwork.objects.values_list("phash", "palette").order_by("artic_id"))
    Artwork.objects.update(phash=None, palette=None)
    asked = len(fake_server.log)
    ingest(fake_server, full=True)
    assert list(Artwork.objects.values_list("phash", "palette").order_by("artic_id")) == before
    assert all(entry.kind == "api" for entry in fake_server.log[asked:])


def test_a_stored_file_that_was_lost_is_fetched_again(serve, media_folder):
    fake_server = serve(records(2))
    ingest(fake_server)
    work = Artwork.objects.get(artic_id=1)
    (media_folder / storage.path(work.image_sha256)).unlink()
    Artwork.objects.update(phash=None)
    assert ingest(fake_server, full=True)["images"] == 1
    assert storage.read(work.image_sha256) == jpeg(1)


# --- A host that refuses --------------------------------------------------------------------------
def test_an_open_circuit_lets_one_trial_through_and_closes_with_it(
    serve,
    settings,
):
    settings.AIC_BREAKER_WAIT = 0.5
    fake_server = serve(records(20), faults=Faults(forbidden=1.0))
    ingest(fake_server, code=1)
    breaker = sources.breaker(fake_server.iiif_url)
    assert breaker.state in {"open", "half-open"}
    while breaker.state == "open":
        pass
    asked = len(fake_server.log)
    ingest(fake_server, code=1)  # one trial, refused
    assert sum(entry.kind == "picture" for entry in fake_server.log[asked:]) == 1
    assert IngestFailure.objects.filter(reason="gave-up").count() == 2
    fake_server.faults.forbidden = 0.0
    while breaker.state == "open":
        pass
    assert ingest(fake_server)["images"] == 20
    assert breaker.state == "closed"
