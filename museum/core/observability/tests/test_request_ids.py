"""One id from the request through its log lines to the tasks that it asks for."""

import json
import logging
import re
from queue import Queue

from celery.contrib.testing.worker import start_worker
from django.http import HttpResponse
from django.urls import path

from museum.celery import app
from museum.core.observability import log_formatters, request_ids

seen: "Queue[str]" = Queue()


@app.task(name="museum.tests.note_request")
def note() -> None:
    seen.put(request_ids.current())


def ask(request):
    note.delay()
    record = logging.LogRecord("museum", logging.INFO, "x.py", 1, "event=asked", (), None)
    formatters = (log_formatters.JsonFormatter(), log_formatters.TextFormatter())
    return HttpResponse("\n".join(formatter.format(record) for formatter in formatters))


urlpatterns = [path("ask", ask)]


def test_an_id_goes_from_the_request_to_its_answer_its_log_and_its_task(client, settings):
    settings.ROOT_URLCONF = __name__
    app.conf.task_always_eager = False
    try:
        with start_worker(app, perform_ping_check=False, queues=["metadata"]):
            given = client.get("/ask", headers={"x-request-id": "proxy-0001"})
            assert seen.get(timeout=20) == given["X-Request-ID"] == "proxy-0001"
            made = client.get("/ask", headers={"x-request-id": 'no id: "\n'})
            assert seen.get(timeout=20) == made["X-Request-ID"]
            note.delay()
            assert seen.get(timeout=20) not in {"", "proxy-0001", made["X-Request-ID"]}
    finally:
        app.conf.task_always_eager = True
    assert re.fullmatch(r"[0-9a-f]{32}", made["X-Request-ID"])
    line, text = made.content.decode().splitlines()
    assert json.loads(line)["request"] == made["X-Request-ID"]
    assert text.endswith(f"event=asked request={made['X-Request-ID']}")
    assert request_ids.current() == ""


def test_a_task_in_the_same_process_belongs_to_what_asked_for_it(client, settings):
    settings.ROOT_URLCONF = __name__
    client.get("/ask", headers={"x-request-id": "proxy-0002"})
    assert seen.get_nowait() == "proxy-0002"
