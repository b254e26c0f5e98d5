"""The Celery application. Without Redis, its tasks run in the process that calls them."""

import os
from contextlib import suppress
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.db import DatabaseError

from museum.core.database import schema

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "museum.settings")

app = Celery("ekphrasis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def require_tables(**kwargs: Any) -> None:
    """Stop a worker that starts over a database without the tables of this version."""
    # A database that is down is no reason to stop: each task retries until it is back.
    with suppress(DatabaseError):
        if number := schema.unapplied_count():
            raise SystemExit(schema.UNAPPLIED_MESSAGE % number)
