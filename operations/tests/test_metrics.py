"""`/metrics`: what it counts, who may read it, and what it says of an outage."""

import json
import re
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from ingest.images import sources
from ingest.models import IngestFailure, IngestRun
from operations.models import RecallProbe
from testing.factories import work

pytestmark = pytest.mark.django_db


def read(client, **headers) -> dict[tuple, float]:
    """Samples by name and labels."""
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_searches_are_counted_by_view_stage_and_cache(client, tiny):
    work("Red boat", text="a red boat")
    before = read(client)
    for more in ({}, {"type": "Print"}):  # the same again would not be searched for again
        client.get("/api/search", {"q": "red boat", **more})
    client.get("/api/search", {"limit": "x"})
    after = read(client)

    def grown(*key):
        return after[key] - before.get(key, 0)

    searching = [key for key in after if key[0] == "ekphrasis_requests_total" and "200" in key]
    (view,) = {key[-1] for key in searching if grown(*key) == 2}
    assert grown("ekphrasis_requests_total", "400", "GET", view) == 1
    assert grown("ekphrasis_request_seconds_count", view) == 3
    for stage in ("whole", "direction", "image", "text", "words"):
        assert grown("ekphrasis_search_stage_seconds_count", stage) == 2
    assert grown("ekphrasis_encoder_cache_total", "miss") == 1
    assert grown("ekphrasis_encoder_cache_total", "hit") == 1


def test_what_the_database_knows_is_told(client, tiny):
    run = IngestRun.objects.create(base_url="http://a.example", iiif_url="http://pictures.example")
    run.failures.create(stage=IngestFailure.Stage.IMAGE, reason="x", message="y")
    RecallProbe.objects.create(
        model=tiny, kind="image", queries=9, recall=0.5, index_ms=1, exact_ms=2
    )
    for _ in range(5):
        sources.breaker(run.iiif_url).refused("403 challenge")
    told = read(client)
    sources.breaker(run.iiif_url).reset()
    assert told["ekphrasis_up", "database"] == 1
    assert told["ekphrasis_ingest_runs", "running"] == 1
    assert told["ekphrasis_ingest_failures", "image"] == 1
    assert told["ekphrasis_index_recall", "image"] == 0.5
    assert told["ekphrasis_breaker", "http://pictures.example"] == 2


@pytest.mark.redis
def test_queues_are_told_and_a_redis_that_is_away_is_down(client, settings, redis_url):
    settings.REDIS_URL = redis_url
    told = read(client)
    assert (told["ekphrasis_up", "redis"], told["ekphrasis_queue_depth", "embed"]) == (1, 0)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    told = read(client)
    assert told["ekphrasis_up", "redis"] == 0
    assert ("ekphrasis_queue_depth", "embed") not in told


def test_a_lost_database_is_a_figure_and_no_error(client, monkeypatch):
    def lost(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", lost)
    monkeypatch.setattr(connection, "close", lambda: None)
    assert read(client)["ekphrasis_up", "database"] == 0


def test_on_a_public_site_only_who_knows_the_token_may_read(client, settings):
    settings.IS_PUBLIC = True
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "m3trics-t0ken"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer wrong-ü"}).status_code == 404
    assert read(client, authorization="Bearer m3trics-t0ken")


def test_the_dashboard_and_the_alarms_ask_only_for_what_is_told(client, tiny, settings):
    folder = Path(settings.BASE_DIR) / "deploy"
    dashboard = json.loads((folder / "grafana" / "ekphrasis.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked.append((folder / "prometheus" / "alarms.yml").read_text())
    names = {name for text in asked for name in re.findall(r"\bekphrasis_\w+", text)}
    page = client.get("/metrics").content.decode()
    told = set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE))
    assert len(names) > 10
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in names} <= told
