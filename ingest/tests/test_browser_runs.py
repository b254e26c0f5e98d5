"""Runs and their failures in a real Chromium: looked at, tried again, stopped."""

import pytest
from celery import current_app
from django.utils import timezone
from playwright.sync_api import expect

from ingest.models import IngestFailure, IngestRun
from museum.models import Artwork

pytestmark = [
    pytest.mark.browser,
    pytest.mark.redis,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def workers(settings, redis_url):
    """A broker, and nobody who fetches what is sent to it."""
    settings.REDIS_URL = settings.CELERY_BROKER_URL = redis_url
    current_app.conf.broker_url = redis_url
    current_app._after_fork()  # the producers of another test would go on with its broker
    yield
    current_app.conf.broker_url = "memory://"
    current_app._after_fork()


def test_failures_are_tried_again_by_group_and_a_run_is_stopped(curator_page, workers):
    page = curator_page
    run = IngestRun.objects.create(
        state="partial", finished_at=timezone.now(), iiif_url="http://127.0.0.1:9/iiif/2",
        options={"mode": "full", "queue": True, "all_images": False, "images_from": None},
    )  # fmt: skip
    for n in range(3):
        Artwork.objects.create(artic_id=n, title=f"Work {n}", image_status="refused")
        reason = "timeout" if n else "http-403"
        IngestFailure.objects.create(
            run=run, stage="image", reason=reason, message=f"Work {n}: refused", artic_id=n
        )
    page.goto("/admin/ingest/ingestrun/")
    page.get_by_role("link", name="Status").click()
    group = page.get_by_role("row", name="image timeout 2 Work 2: refused")
    group.get_by_role("link", name="timeout").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    page.go_back()
    group.get_by_role("button", name="Retry these").click()
    page.get_by_text("2 works queued in 1 run.").wait_for()
    new = IngestRun.objects.get(state="running")
    assert sum(len(step.keys) for step in new.steps.all()) == 2
    page.goto("/admin/ingest/ingestrun/")
    page.locator("tr", has_text="running").locator(".action-select").check()
    page.get_by_label("Action:").select_option("stop")
    page.get_by_role("button", name="Go").click()
    page.get_by_text("1 stopped.").wait_for()
    new.refresh_from_db()
    assert "stopped in the admin by admin" in new.message
    assert page.complaints == []
