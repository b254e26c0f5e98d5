"""Traces reach a collector: a local one, over HTTP, from a process of its own."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from museum.core.database.url import database_url
from museum.core.observability import tracing

ASK = """
import django
django.setup()
from django.test import Client
assert Client(SERVER_NAME="127.0.0.1").get("/readyz").status_code in {200, 503}
from opentelemetry import trace
trace.get_tracer_provider().shutdown()
"""


@pytest.fixture
def collector():
    sent: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            sent.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", sent
    server.shutdown()
    server.server_close()


@pytest.mark.django_db(transaction=True)
def test_requests_and_their_statements_are_spans_of_one_trace(collector):
    proto = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    pytest.importorskip("opentelemetry.instrumentation.django")
    address, sent = collector
    own = {
        "DJANGO_SETTINGS_MODULE": "museum.settings",
        "DATABASE_URL": database_url(),
        "OTEL_EXPORTER_OTLP_ENDPOINT": address,
    }
    subprocess.run(
        [sys.executable, "-c", ASK], cwd=settings.BASE_DIR, env={**os.environ, **own}, check=True
    )
    spans = []
    for path, body in sent:
        assert path == "/v1/traces"
        for resource in proto.ExportTraceServiceRequest.FromString(body).resource_spans:
            spans += [span for scope in resource.scope_spans for span in scope.spans]
    (request,) = [span for span in spans if "readyz" in span.name]
    statements = [span for span in spans if span.name == "SELECT"]
    assert statements
    assert {span.trace_id for span in statements} == {request.trace_id}


def test_without_a_collector_nothing_is_traced(settings):
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = ""
    assert tracing.start() is False


def test_a_collector_without_the_package_is_refused_at_the_start(settings, monkeypatch):
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ImproperlyConfigured, match="pip install"):
        tracing.start()
