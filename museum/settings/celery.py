"""Settings of Celery: the broker, the queues, and the tasks that Celery beat starts."""

from typing import Any

from celery.schedules import crontab

from museum.settings.base import AIC_CONTACT, NIGHTLY_INGEST, REDIS_URL

# Without Redis, tasks run in the process that calls them.
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_IGNORE_RESULT = True
# Not pickle: whoever can write to the broker must not be able to run code.
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 30 * 60
CELERY_TASK_TIME_LIMIT = 35 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Seconds. Without them a worker waits for ever for a Redis that hangs.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 30, "socket_connect_timeout": 5}
CELERY_TASK_DEFAULT_QUEUE = "metadata"
CELERY_TASK_ROUTES = {
    "ingest.tasks.fetch_images": {"queue": "images"},
    "search.tasks.*": {"queue": "embed"},
}
CELERY_TIMEZONE = "UTC"

_night = NIGHTLY_INGEST or 0
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "resend-steps": {"task": "ingest.tasks.resend_steps", "schedule": 60.0},
    "recall-probe": {
        "task": "operations.tasks.probe_recall",
        "schedule": crontab(hour=(_night + 2) % 24, minute=30),
    },
    "purge-query-log": {
        "task": "search.querylog.purge",
        "schedule": crontab(hour=4, minute=30),
    },
}
if NIGHTLY_INGEST is not None and AIC_CONTACT:
    CELERY_BEAT_SCHEDULE |= {
        "nightly-ingest": {
            "task": "ingest.tasks.nightly",
            "schedule": crontab(hour=NIGHTLY_INGEST, minute=0),
        },
        "weekly-sweep": {
            "task": "ingest.tasks.weekly_sweep",
            "schedule": crontab(hour=(NIGHTLY_INGEST + 6) % 24, minute=0, day_of_week=0),
        },
    }
