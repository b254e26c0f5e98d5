import json

import pytest
import redis
from celery import current_app
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from ingest.models import IngestFailure, IngestRun, IngestStep
from museum.models import Artwork

pytestmark = pytest.mark.django_db


def test_runs_and_failures_are_listed_and_not_editable(admin_client):
    run = IngestRun.objects.create(state="partial", finished_at=timezone.now(), failed=1, seen=7)
    IngestFailure.objects.create(run=run, stage="image", reason="http-403", message="Refused")
    IngestStep.objects.create(run=run, stage="page", number=1)
    for model in ("ingestrun", "ingestfailure", "ingeststep"):
        page = admin_client.get(reverse(f"admin:ingest_{model}_changelist"))
        assert page.status_code == 200
        assert admin_client.get(reverse(f"admin:ingest_{model}_add")).status_code == 403
    failures = reverse("admin:ingest_ingestfailure_changelist")
    assert b"Refused" in admin_client.get(failures, {"reason": "http-403"}).content
    assert b"Refused" not in admin_client.get(failures, {"stage": "page"}).content
    details = admin_client.get(reverse("admin:ingest_ingestrun_change", args=[run.pk]))
    assert details.status_code == 200
    assert b'name="_save"' not in details.content


def test_a_run_can_be_stopped(admin_client):
    run = IngestRun.objects.create(options={"queue": True})
    admin_client.post(
        reverse("admin:ingest_ingestrun_changelist"),
        {"action": "stop", "_selected_action": [run.pk]},
    )
    run.refresh_from_db()
    assert run.state == "failed"
    assert "stopped in the admin by admin" in run.message


# --- Status ---------------------------------------------------------------------------------------
@pytest.fixture
def failed_run():
    run = IngestRun.objects.create(
        state="partial", finished_at=timezone.now(), seen=3, iiif_url="http://127.0.0.1:9/iiif/2",
        options={"mode": "full", "queue": False, "all_images": False, "images_from": None},
    )  # fmt: skip
    for n in range(3):
        Artwork.objects.create(
            artic_id=n, title=f"Work {n}", image_id=f"p{n}", image_status="refused"
        )
        IngestFailure.objects.create(
            run=run, stage="image", reason="http-403", message=f"Work {n}: refused", artic_id=n
        )
    IngestFailure.objects.create(run=run, stage="page", reason="html", message="page 2: HTML")
    IngestStep.objects.create(run=run, stage="image", number=1, keys=[1, 2, 3], state="done")
    return run


def test_the_status_page_shows_it_all_with_few_queries(
    admin_client, failed_run, settings, django_assert_num_queries
):
    settings.REDIS_URL = ""
    url = reverse("admin:ingest_status")
    for _ in range(5):
        IngestRun.objects.create(options={"mode": "full"})
    admin_client.get(url)  # content types are cached
    # Session, user; runs, steps; pictures; failures and their messages.
    with django_assert_num_queries(7):
        page = admin_client.get(url)
    text = page.content.decode()
    for shown in ("http-403", "Work 2: refused", "refused</a>", "closed", "http://127.0.0.1:9"):
        assert shown in text
    assert text.count("Retry these") == 1  # a page is read again by the next run
    assert "<script>" not in text
    assert "style=" not in text
    runs = admin_client.get(reverse("admin:ingest_ingestrun_changelist")).content.decode()
    assert url in runs


def test_the_command_says_the_same(failed_run, capsys, settings):
    settings.REDIS_URL = ""
    call_command("ingest_status")
    out = capsys.readouterr().out
    assert "3x image http-403: Work 2: refused" in out
    assert "Picture host http://127.0.0.1:9/iiif/2: closed" in out
    assert "Pictures: 3 refused" in out
    call_command("ingest_status", "--json")
    line = json.loads(capsys.readouterr().out)
    assert list(line) == ["runs", "queues", "breakers", "images", "failures"]
    assert line["runs"][0]["stages"]["image"]["done"] == 3
    assert line["queues"] == {}


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_retry_queues_the_works_of_one_group(admin_client, failed_run, settings, redis_url):
    settings.REDIS_URL = settings.CELERY_BROKER_URL = redis_url
    current_app.conf.broker_url = redis_url
    current_app._after_fork()  # the producers of another test would go on with its broker
    server = redis.Redis.from_url(redis_url)
    server.delete("images")
    try:
        page = admin_client.post(
            reverse("admin:ingest_retry"), {"stage": "image", "reason": "http-403"}, follow=True
        )
        assert server.llen("images") == 1
    finally:
        server.delete("images")
        current_app.conf.broker_url = "memory://"
        current_app._after_fork()
    assert b"3 works queued in 1 run." in page.content
    run = IngestRun.objects.get(state="running")
    assert run.iiif_url == failed_run.iiif_url
    step = run.steps.get()
    assert (step.stage, step.keys) == (
        "image",
        list(Artwork.objects.order_by("pk").values_list("pk", flat=True)),
    )


def test_retry_says_why_it_cannot(admin_client, failed_run, settings):
    settings.REDIS_URL = ""
    for stage, reason in (("image", "http-403"), ("page", "html")):
        page = admin_client.post(
            reverse("admin:ingest_retry"), {"stage": stage, "reason": reason}, follow=True
        )
        assert b"ingest_artic" in page.content
    assert IngestRun.objects.count() == 1


def test_retry_needs_a_post_and_a_permission(admin_client, client, django_user_model, failed_run):
    url = reverse("admin:ingest_retry")
    assert admin_client.get(url).status_code == 405
    viewer = django_user_model.objects.create_user("viewer", password="x", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_ingestrun"))
    client.force_login(viewer)
    page = client.get(reverse("admin:ingest_status"))
    assert page.status_code == 200
    assert b"Retry these" not in page.content
    assert client.post(url, {"stage": "image", "reason": "http-403"}).status_code == 403
    viewer.user_permissions.clear()
    assert client.get(reverse("admin:ingest_status")).status_code == 403
