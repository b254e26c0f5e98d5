"""Failed pictures are looked at, and tried again, in a real Chromium."""

import pytest
from django.utils import timezone

from ingest import retry
from ingest.models import IngestFailure, IngestRun
from museum import axe
from museum.models import Artwork

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_failures_are_grouped_and_a_group_is_tried_again(curator_page, settings, monkeypatch):
    run = IngestRun.objects.create(
        state="partial", finished_at=timezone.now(), iiif_url="http://127.0.0.1:9/iiif/2",
        options={"mode": "full", "queue": False, "all_images": False, "images_from": None},
    )  # fmt: skip
    for n in range(3):
        Artwork.objects.create(artic_id=n, title=f"Work {n}", image_id="p", image_status="refused")
        IngestFailure.objects.create(
            run=run, stage="image", reason="http-403", message="Refused", artic_id=n
        )
    page = curator_page
    page.goto("/admin/ingest/ingestrun/")
    page.get_by_role("link", name="Status").click()
    group = page.get_by_role("row", name="image http-403 3 Refused")
    try:
        assert axe.violations(page) == []
    except axe.NoAxe:
        assert group.is_visible()
    page.complaints.clear()  # axe tries styles of its own
    group.get_by_role("button", name="Retry these").click()
    page.get_by_text(retry.NOT_QUEUED).wait_for()
    # With workers: a run of that one stage, its step in their queue.
    queued = []
    monkeypatch.setattr("ingest.steps.hand_out", queued.extend)
    monkeypatch.setattr("ingest.queues.depths", dict)
    settings.REDIS_URL = "redis://127.0.0.1:9"
    group.get_by_role("button", name="Retry these").click()
    page.get_by_text("3 works queued in 1 run.").wait_for()
    assert [step.stage for step in queued] == ["image"]
    assert IngestRun.objects.get(state="running").iiif_url == run.iiif_url
    assert page.complaints == []
