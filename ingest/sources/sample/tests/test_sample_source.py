"""`manage.py ingest sample`: the sample museum without a server."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from ingest.loading.tests.test_upsert import versions
from ingest.models import IngestRun
from ingest.sample.records import write_collection
from museum.images import storage
from museum.models import Artwork, Description

pytestmark = pytest.mark.django_db(transaction=True)


def ingest(folder, **options):
    out = io.StringIO()
    call_command("ingest", "sample", str(folder), "--no-embed", "--json", stdout=out, **options)
    return json.loads(out.getvalue().splitlines()[-1])


def test_every_generated_work_comes_in_with_its_picture_and_its_label(tmp_path):
    folder = tmp_path / "sample"
    write_collection(folder, count=6, image_width=200)
    found = ingest(folder)
    assert (found["seen"], found["created"], found["images"], found["failed"]) == (6, 6, 6, 0)
    assert set(Artwork.objects.values_list("source", "is_generated")) == {("sample", True)}
    work = Artwork.objects.order_by("artic_id").first()
    file = folder / "images" / f"{work.image_id}.jpg"
    assert storage.read(work.image_sha256) == file.read_bytes()
    licences = set(Description.objects.values_list("licence", flat=True))
    assert licences == {json.loads((folder / "collection.json").read_text())["license_text"]}
    assert IngestRun.objects.get().base_url == folder.as_uri()
    before = versions()
    assert ingest(folder)["unchanged"] == 6
    assert versions() == before


def test_a_folder_without_a_sample_museum_is_exit_2(tmp_path):
    with pytest.raises(CommandError, match="holds no sample museum") as caught:
        call_command("ingest", "sample", str(tmp_path), "--no-embed")
    assert caught.value.returncode == 2
