"""Traces for an OpenTelemetry collector, where `OTEL_EXPORTER_OTLP_ENDPOINT` names one.

Requests, SQL statements and Celery's tasks are spans of one trace. What else the standard says of
`OTEL_...` (service name, sampler, headers) is read from the environment by OpenTelemetry itself.
"""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

MISSING = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is not installed: "
    "pip install 'ekphrasis[otel]'"
)


def start() -> bool:
    """Send traces from now on; False where no collector is named."""
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return False
    try:
        from opentelemetry import trace  # noqa: PLC0415 - optional
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.instrumentation.celery import CeleryInstrumentor  # noqa: PLC0415
        from opentelemetry.instrumentation.django import DjangoInstrumentor  # noqa: PLC0415
        from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor  # noqa: PLC0415
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise ImproperlyConfigured(MISSING) from error
    name = os.environ.get("OTEL_SERVICE_NAME", "ekphrasis")
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    for instrumentor in (DjangoInstrumentor(), PsycopgInstrumentor(), CeleryInstrumentor()):
        instrumentor.instrument()
    return True
