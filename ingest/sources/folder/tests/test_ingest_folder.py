"""`ingest_folder`: pictures and captions through the same pipeline."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from ingest.loading.tests.test_upsert import versions
from ingest.models import IngestFailure, IngestRun
from ingest.tests.museum import jpeg
from museum.images import storage
from museum.models import Artwork, Description

pytestmark = pytest.mark.django_db(transaction=True)


def ingest(folder, *, code=0, **options):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(
            "ingest_folder", folder, json=True, embed=False, stdout=out, stderr=err, **options
        )
        ended = 0
    except SystemExit as error:
        ended = error.code
    assert ended == code, err.getvalue()
    line = json.loads(out.getvalue().splitlines()[-1])
    return line | {"errors": err.getvalue(), "output": out.getvalue()}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "pictures"
    (place / "views").mkdir(parents=True)
    (place / "red_boat.jpg").write_bytes(jpeg(1))
    (place / "views" / "harbor.jpg").write_bytes(jpeg(2))
    Image.new("CMYK", (30, 20), (10, 200, 30, 0)).save(place / "plate.tif")
    return place


def test_pictures_and_captions_become_works_and_again_nothing_is_written(folder, tmp_path):
    captions = tmp_path / "captions.csv"
    captions.write_text("file,title,description\nred_boat.jpg,A boat,It is <red>.\n")
    first = ingest(folder, captions=captions)
    assert (first["seen"], first["created"], first["images"], first["failed"]) == (3, 3, 3, 0)
    run = IngestRun.objects.get()
    assert (run.state, run.source, run.base_url) == ("done", "folder", folder.as_uri())
    boat = Artwork.objects.get(title="A boat")
    assert (boat.source, boat.image_status) == ("folder", "stored")
    assert storage.read(boat.image_sha256) == jpeg(1)
    assert Description.objects.get(artwork=boat).text == "It is <red>."
    # Browsers show no TIFF: what is kept is a JPEG of it.
    assert storage.read(Artwork.objects.get(title="plate").image_sha256)[:2] == b"\xff\xd8"
    before = versions()
    second = ingest(folder, captions=captions)
    assert (second["unchanged"], second["images"]) == (3, 0)
    assert versions() == before


def test_a_replaced_picture_is_stored_anew(folder):
    ingest(folder)
    (folder / "red_boat.jpg").write_bytes(jpeg(9))
    result = ingest(folder)
    assert (result["updated"], result["images"], result["unchanged"]) == (1, 1, 2)
    assert storage.read(Artwork.objects.get(title="red boat").image_sha256) == jpeg(9)


def test_a_removed_picture_is_reported_and_withdrawn_when_told(folder, settings):
    settings.SWEEP_LIMIT = 50.0
    ingest(folder)
    (folder / "plate.tif").unlink()
    assert "1 works are no longer in the folder" in ingest(folder)["output"]
    assert not Artwork.objects.filter(withdrawn_at__isnull=False).exists()
    assert ingest(folder, sweep=True)["withdrawn"] == 1
    assert Artwork.objects.get(withdrawn_at__isnull=False).title == "plate"
    Image.new("CMYK", (30, 20), (10, 200, 30, 0)).save(folder / "plate.tif")
    assert ingest(folder)["updated"] == 1
    assert not Artwork.objects.filter(withdrawn_at__isnull=False).exists()


def test_a_sweep_of_one_folder_leaves_another_alone(folder, tmp_path):
    ingest(folder)
    other = tmp_path / "other"
    other.mkdir()
    (other / "cat.jpg").write_bytes(jpeg(5))
    assert ingest(other, sweep=True)["withdrawn"] == 0
    assert Artwork.objects.filter(withdrawn_at__isnull=True).count() == 4


def test_what_is_no_picture_is_named_and_the_others_come_in(folder):
    (folder / "broken.jpg").write_bytes(b"no picture")
    noise = io.BytesIO()
    Image.effect_noise((300, 300), 50).save(noise, "JPEG")
    (folder / "half.jpg").write_bytes(noise.getvalue()[:5000])
    result = ingest(folder, code=1)
    assert (result["images"], result["failed"]) == (3, 2)
    named = set(IngestFailure.objects.values_list("stage", "reason"))
    assert named == {("record", "not-a-picture"), ("image", "not-a-picture")}
    assert "broken.jpg" in result["errors"]
    (folder / "half.jpg").write_bytes(jpeg(3))
    (folder / "broken.jpg").write_bytes(jpeg(4))
    assert ingest(folder)["images"] == 2
    assert not IngestFailure.objects.filter(resolved_at=None).exists()


def test_a_folder_that_is_not_there_is_exit_2(tmp_path):
    with pytest.raises(CommandError, match="is no folder") as caught:
        call_command("ingest_folder", tmp_path / "none")
    assert caught.value.returncode == 2


def test_captions_that_cannot_be_read_are_exit_2(folder, tmp_path):
    (tmp_path / "captions.csv").write_text("name\nx\n")
    assert "captions.csv" in ingest(folder, code=2, captions=tmp_path / "captions.csv")["errors"]


def test_a_folder_of_several_batches_has_each_its_own_pictures(folder, monkeypatch):
    monkeypatch.setattr("ingest.sources.base.PAGE_RECORDS", 1)
    for number in range(3, 8):
        (folder / f"boat_{number}.jpg").write_bytes(jpeg(number))
    result = ingest(folder)
    assert (result["created"], result["images"]) == (8, 8)
    for number in range(3, 8):
        work = Artwork.objects.get(title=f"boat {number}")
        assert storage.read(work.image_sha256) == jpeg(number)
