"""Traces for an OpenTelemetry collector, where `OTEL_EXPORTER_OTLP_ENDPOINT` names one.

Requests, SQL statements and Celery tasks are spans of one trace. OpenTelemetry itself reads the
other standard `OTEL_...` variables (service name, sampler, headers) from the environment.
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NOT_INSTALLED = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is not installed: "
    "pip install 'ekphrasis[otel]'"
)


def start() -> bool:
    """Start to send traces; return False where no collector is named.

    Raises `ImproperlyConfigured` where OpenTelemetry is not installed.
    """
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return False
    try:
        from museum.core.observability import otel_exporter  # noqa: PLC0415 - optional packages
    except ImportError as error:
        raise ImproperlyConfigured(NOT_INSTALLED) from error
    otel_exporter.instrument()
    return True
