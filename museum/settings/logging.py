"""Settings of the log: one line an event on stderr, as text or as JSON."""

from django.core.exceptions import ImproperlyConfigured

from museum.settings.base import PROJECT_APPS
from museum.settings.env import env

LOG_LEVEL = env.str("LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
    raise ImproperlyConfigured(
        f"LOG_LEVEL={LOG_LEVEL!r}: give DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )
LOG_FORMAT = env.str("LOG_FORMAT", "text").lower()
if LOG_FORMAT not in {"text", "json"}:
    raise ImproperlyConfigured(f"LOG_FORMAT={LOG_FORMAT!r}: give text or json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "museum.core.observability.log_formatters.TextFormatter"},
        "json": {"()": "museum.core.observability.log_formatters.JsonFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {app: {"level": LOG_LEVEL} for app in PROJECT_APPS},
}
