"""What `celery beat` starts: at which hours, and what comes of it."""

import json
import subprocess
import sys

import pytest

from ingest import tasks
from ingest.models import IngestRun
from ingest.pipeline.tests.test_ingest_artic import serve  # noqa: F401 - a fixture
from ingest.pipeline.tests.test_killed import model  # noqa: F401 - a fixture
from ingest.tests.museum import record, records, write
from museum.models import Artwork

SCHEDULE = """
import json
from museum.celery import app
print(json.dumps({
    name: [entry["task"], *(sorted(getattr(entry["schedule"], part, ()))
           for part in ("minute", "hour", "day_of_week"))]
    for name, entry in app.conf.beat_schedule.items()
}))
"""


@pytest.fixture
def schedule(subprocess_environment):
    """The schedule of a process with these settings."""

    def read(**environment):
        done = subprocess.run(
            [sys.executable, "-c", SCHEDULE],
            env=subprocess_environment | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    return read


def test_every_night_and_six_hours_later_on_sundays(schedule):
    found = schedule(AIC_CONTACT="me@museum.example", NIGHTLY_INGEST="22")
    week = list(range(7))
    assert found["nightly-ingest"] == ["ingest.tasks.nightly", [0], [22], week]
    assert found["weekly-sweep"] == ["ingest.tasks.weekly_sweep", [0], [4], [0]]
    assert found["resend-steps"][0] == "ingest.tasks.resend_steps"


@pytest.mark.parametrize(
    "environment", [{"AIC_CONTACT": ""}, {"AIC_CONTACT": "a@b.example", "NIGHTLY_INGEST": "off"}]
)
def test_without_a_contact_or_an_hour_nothing_is_asked_of_aic(schedule, environment):
    assert not {"nightly-ingest", "weekly-sweep"} & set(schedule(**environment))


@pytest.mark.django_db(transaction=True)
def test_a_night_loads_what_changed_and_a_sunday_withdraws_what_has_gone(
    serve,
    model,
    settings,
    tmp_path,
):
    found = records(40)
    fake_server = serve(found)
    settings.AIC_BASE_URL = fake_server.base_url
    tasks.nightly()
    assert Artwork.objects.filter(image_status="stored").count() == 40

    found[3] = record(41, id=4, title="Another name")
    fake_server.close()
    settings.AIC_BASE_URL = serve(found).base_url
    # The address is another one, so this night reads the whole listing; unchanged works it leaves.
    tasks.nightly()
    run = IngestRun.objects.first()
    assert (run.state, run.updated, run.created) == ("done", 1, 0)
    assert Artwork.objects.get(artic_id=4).title == "Another name"

    write(tmp_path, found[:-1])
    settings.AIC_BASE_URL = serve(found[:-1]).base_url
    tasks.weekly_sweep()
    run = IngestRun.objects.first()
    assert (run.options["mode"], run.withdrawn) == ("sweep", 1)
    gone = Artwork.objects.exclude(withdrawn_at=None)
    assert list(gone.values_list("artic_id", flat=True)) == [40]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("task", [tasks.nightly, tasks.weekly_sweep])
def test_without_a_contact_a_task_says_so_and_asks_nothing(task, settings, caplog):
    settings.AIC_CONTACT, settings.AIC_BASE_URL = "", "https://api.artic.edu/api/v1"
    task()
    assert "event=nightly-ended" in caplog.text
    assert "set AIC_CONTACT" in caplog.text
    assert not IngestRun.objects.exists()
