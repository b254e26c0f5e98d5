"""Pictures are fetched again for whoever may have that done."""

import pytest

from ingest.models import IngestRun, IngestStep
from ingest.pipeline.refetch import fetch_again
from museum.admin.tests.test_curation import act, member
from museum.models import Artwork, ImageStatus
from testing.page_factories import work

pytestmark = pytest.mark.django_db
WORKS = "/admin/museum/artwork/"


def test_only_pictures_that_may_be_fetched_are():
    stored = work("Boat", size=(30, 20))
    left = [work("None"), work("Restricted", image_status=ImageStatus.RESTRICTED)]
    act(member("curator"), WORKS, "fetch_pictures", stored)
    assert Artwork.objects.get(pk=stored.pk).image_status == ImageStatus.STORED
    page = act(member("editor"), WORKS, "fetch_pictures", stored, *left)
    assert "1 will be loaded by the next manage.py ingest_artic." in page.content.decode()
    states = dict(Artwork.objects.values_list("title", "image_status"))
    assert states == {"Boat": "pending", "None": "none", "Restricted": "restricted"}


def test_workers_get_a_run_of_pictures_alone(settings, redis_url):
    settings.REDIS_URL = redis_url
    IngestRun.objects.create(source="sample", iiif_url="http://127.0.0.1:9/iiif/2")
    made = work("Boat", size=(30, 20), source="sample")
    assert fetch_again(Artwork.objects.all()) == ([made], True)
    step = IngestStep.objects.get()
    assert (step.stage, step.keys) == (IngestStep.Stage.IMAGE, [made.pk])
    assert fetch_again(Artwork.objects.none()) == ([], True)
