"""The Celery application: workers by queue, or the same tasks in this process without Redis."""

import os
from contextlib import suppress
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "museum.settings")

app = Celery("ekphrasis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def require_tables(**kwargs: Any) -> None:
    """Let no worker begin over a database that lacks tables of this version."""
    from django.db import DatabaseError  # noqa: PLC0415 - Django is not set up before

    from museum.core.database import schema  # noqa: PLC0415

    # A database that is away is waited for, task by task.
    with suppress(DatabaseError):
        if number := schema.missing():
            raise SystemExit(schema.LACKING % number)
