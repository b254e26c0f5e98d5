import pytest
from django.urls import reverse
from django.utils import timezone

from ingest.models import IngestFailure, IngestRun, IngestStep

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
