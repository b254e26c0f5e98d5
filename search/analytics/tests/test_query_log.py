"""The query log: what it keeps, what it never does, and for how long."""

import json
import threading
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from search.analytics import query_log
from search.models import QueryLog, Retrievals
from testing.factories import work


@pytest.fixture
def log(settings, db, monkeypatch):
    """A log that is on and written when a test says so."""
    settings.QUERY_LOG = True
    monkeypatch.setattr(query_log, "_start", lambda: None)
    monkeypatch.setattr(query_log, "_purged_at", time.monotonic())
    query_log._waiting.clear()
    yield QueryLog.objects
    query_log._waiting.clear()


@pytest.fixture
def boats(db):
    return [work(f"Red boat {n}", text="A red boat.") for n in range(3)]


def test_a_search_is_kept_with_what_it_found(client, log, boats):
    client.get("/search?q=Red+%20BOAT&type=&has_picture=false")
    client.get("/api/search?q=nothing-like-it")
    assert query_log.flush() == 2
    site, api = log.order_by("pk")
    assert (site.query, site.key, site.count) == ("Red BOAT", "red boat", 3)
    assert (site.relevance, site.source, site.filters) == ("strong", "site", ["has_picture"])
    assert (api.count, api.relevance, api.source, api.model) == (0, "", "api", "")
    assert 0 < site.milliseconds < 60_000
    assert (site.at.second, site.at.microsecond) == (0, 0)


def test_it_keeps_nothing_personal(client, log, boats):
    """Whatever a request says of who sent it is nowhere in what is written."""
    headers = {
        "User-Agent": "secret-browser",
        "Cookie": "sessionid=secret-cookie",
        "Referer": "https://secret.example/",
        "X-Forwarded-For": "203.0.113.77",
        "Accept-Language": "secret-language",
    }
    client.get("/search?q=boat", headers=headers, REMOTE_ADDR="203.0.113.78")
    query_log.flush()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(l)::text FROM search_querylog l")
        (written,) = [row[0] for row in cursor.fetchall()]
    assert "secret" not in written
    assert "203.0.113" not in written
    # No column holds more, and none leads to a table of people.
    assert sorted(json.loads(written)) == [
        "at", "count", "filters", "id", "key", "milliseconds", "model", "query", "relevance",
        "source",
    ]  # fmt: skip
    assert not [f for f in QueryLog._meta.get_fields() if isinstance(f, models.ForeignKey)]


@pytest.mark.parametrize(
    "typed", ["ada@field.example", "call +44 20 7946 0958", "4111111111111111"]
)
def test_what_looks_like_a_persons_address_or_number_is_not_kept(client, log, boats, typed):
    client.get("/search", {"q": typed})
    assert query_log.flush() == 0


def test_accession_numbers_and_years_are_kept(client, log, boats):
    for typed in ("1933.1091", "1870-1880", "boats 1922 1923"):
        client.get("/search", {"q": typed})
    assert query_log.flush() == 3


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_a_browser_that_asks_not_to_be_tracked_is_left_out(client, log, boats, header):
    client.get("/search?q=boat", headers={header: "1"})
    client.get("/api/search?q=boat", headers={header: "1"})
    assert query_log.flush() == 0
    client.get("/search?q=boat", headers={header: "0"})
    assert query_log.flush() == 1


def test_further_pages_blank_searches_and_a_log_turned_off_keep_nothing(
    client, log, boats, settings
):
    client.get("/search?q=boat&offset=1")
    client.get("/search?q=+")
    client.get("/search?q=boat&limit=x")
    following = client.get("/api/search?q=boat&limit=1").json()["next"]
    client.get(following)
    assert query_log.flush() == 1
    settings.QUERY_LOG = False
    client.get("/search?q=boat")
    assert query_log.flush() == 0


def test_browsing_is_a_search_without_words(client, log, boats):
    client.get("/search?has_picture=false")
    query_log.flush()
    assert (log.get().query, log.get().filters, log.get().count) == ("", ["has_picture"], 3)
    assert not Retrievals.objects.exists()


def test_works_are_counted_once_for_each_search_that_showed_them(client, log, boats):
    for _ in range(2):
        client.get("/search?q=red+boat")
        query_log.flush()
    client.get("/search?q=boat")
    boats[2].delete()
    query_log.flush()
    assert dict(Retrievals.objects.values_list("artwork", "times")) == {
        boats[0].pk: 3,
        boats[1].pk: 3,
    }


def test_a_search_waits_for_no_log(client, log, boats, settings, django_assert_num_queries):
    settings.QUERY_LOG = False
    client.get("/search?q=boat")
    with CaptureQueriesContext(connection) as without:
        client.get("/search?q=boat")
    settings.QUERY_LOG = True
    with django_assert_num_queries(len(without)):
        client.get("/search?q=boat")
    assert not log.exists()
    assert query_log.flush() == 1


def test_a_log_that_cannot_be_written_fails_nothing(client, log, boats, caplog):
    client.get("/search?q=boat")
    query_log._waiting[0].row.milliseconds = None
    assert query_log.flush() == 0
    assert "1 searches were not logged" in caplog.text
    assert client.get("/search?q=boat").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_thread_writes_it_soon(client, settings, monkeypatch, boats):
    settings.QUERY_LOG = True
    monkeypatch.setattr(query_log, "SECONDS", 0.05)
    client.get("/search?q=boat")
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(60)
    assert QueryLog.objects.get().query == "boat"
    assert query_log._timer is None


def test_searches_are_deleted_when_their_time_is_over(log, settings, capsys):
    now = timezone.now()
    facts = {"count": 0, "milliseconds": 1.0, "source": "site"}
    for days in (0, 29, 31, 400):
        log.create(at=now - timedelta(days=days), query=f"{days}", **facts)
    settings.QUERY_LOG_DAYS = 30
    call_command("purge_query_log", "--json")
    assert json.loads(capsys.readouterr().out) == {"deleted": 2}
    assert set(log.values_list("query", flat=True)) == {"0", "29"}


def test_a_process_without_beat_keeps_the_promise_as_well(
    client, log, boats, monkeypatch, settings
):
    monkeypatch.setattr(query_log, "_purged_at", float("-inf"))
    log.create(at=timezone.now() - timedelta(days=1000), count=0, milliseconds=1, source="site")
    client.get("/search?q=boat")
    query_log.flush()
    assert log.get().query == "boat"


def test_celery_beat_deletes_them_each_night(settings):
    from museum.celery import app

    app.loader.import_default_modules()
    assert settings.CELERY_BEAT_SCHEDULE["purge-query-log"]["task"] in app.tasks


def test_the_about_page_says_what_is_kept(client, db, settings):
    settings.QUERY_LOG, settings.QUERY_LOG_DAYS = True, 12
    assert "for up to 12 days" in client.get("/about").content.decode()
    settings.QUERY_LOG = False
    assert "12 days" not in client.get("/about").content.decode()
