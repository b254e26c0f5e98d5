"""One line an event; no secrets, whatever goes wrong."""

import json
import logging

import pytest

from ingest.models import IngestRun
from ingest.sources.artic.fake_server import FakeServer, Faults
from ingest.tests.museum import records, write, write_pictures
from museum.core.observability import log_formatters


@pytest.fixture
def secrets(settings, monkeypatch):
    settings.SECRET_KEY = "k3y-" * 10
    settings.REDIS_URL = "redis://:r3dis-password@127.0.0.1:6379/0"
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", "db-password")
    log_formatters._secrets.cache_clear()
    yield ("k3y-" * 10, "r3dis-password", "db-password")
    log_formatters._secrets.cache_clear()


def record(message, *arguments, error=None):
    exc_info = (type(error), error, None) if error else None
    return logging.LogRecord("ingest", logging.INFO, "x.py", 1, message, arguments, exc_info)


@pytest.mark.parametrize(
    "formatter", [log_formatters.TextFormatter(), log_formatters.JsonFormatter()]
)
def test_secrets_of_the_settings_and_of_addresses_are_hidden(secrets, formatter):
    error = ValueError(f"no connection as {secrets[2]} to http://me:pr0xy@proxy.example:3128")
    line = formatter.format(record("event=x why=%s key=%s", secrets[1], secrets[0], error=error))
    assert not any(secret in line for secret in (*secrets, "pr0xy"))
    assert "\n" not in line
    assert "proxy.example" in line


def test_json_has_the_facts_of_the_message_as_keys():
    formatted = log_formatters.JsonFormatter().format(
        record('event=stop run=%s why="403 challenge"', 7)
    )
    line = json.loads(formatted)
    assert (line["event"], line["run"], line["why"]) == ("stop", "7", "403 challenge")
    assert (line["level"], line["logger"]) == ("INFO", "ingest")


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_log_of_a_run_is_one_json_object_a_line_without_secrets(manage, tmp_path):
    found = records(30)
    images, secret = write_pictures(tmp_path, found), "s3cret-" * 8
    faults = Faults(error_500=0.1, forbidden=0.2, html=0.1, seed=3)
    with FakeServer([write(tmp_path, found)], images=images, faults=faults) as fake_server:
        process = manage(
            "ingest_artic", "--base-url", fake_server.base_url, "--no-embed",
            SECRET_KEY=secret, LOG_FORMAT="json", LOG_LEVEL="DEBUG",
        )  # fmt: skip
        output, errors = process.communicate(timeout=60)
    assert IngestRun.objects.get().state == "partial"
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    pictures = [line for line in lines if line.get("event") == "picture"]
    assert len(pictures) == 30
    assert {line["status"] for line in pictures} >= {"stored", "refused"}
    assert secret not in output + errors
