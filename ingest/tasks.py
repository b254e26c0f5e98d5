"""Celery tasks: each does one step of a run, named by its primary key.

A task that is delivered twice does nothing the second time; a task whose worker was lost continues
where it stopped. Only an absent database or broker is worth a retry.
"""

import logging
from typing import Any

import redis
from celery import Task, shared_task
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError

from ingest.pipeline import steps
from ingest.runs import reconnect

logger = logging.getLogger(__name__)

RETRY_OPTIONS: dict[str, Any] = {
    "bind": True,
    "autoretry_for": (OperationalError, InterfaceError, redis.ConnectionError, redis.TimeoutError),
    "retry_backoff": True,
    "retry_backoff_max": 60,
    "max_retries": 8,
}


def _perform(task: Task[Any, Any], step_id: int) -> None:
    reconnect.outlasted(lambda: steps.perform(step_id, task.request.id or ""))


@shared_task(name="ingest.tasks.ingest_page", **RETRY_OPTIONS)
def ingest_page(self: Task[Any, Any], step_id: int) -> None:
    """Load one page of the listing; the next page is its own task."""
    _perform(self, step_id)


@shared_task(name="ingest.tasks.fetch_images", **RETRY_OPTIONS)
def fetch_images(self: Task[Any, Any], step_id: int) -> None:
    """Fetch the pictures of one batch, one at a time."""
    _perform(self, step_id)


@shared_task(name="ingest.tasks.embed_works", **RETRY_OPTIONS)
def embed_works(self: Task[Any, Any], step_id: int) -> None:
    """Embed one batch of works."""
    _perform(self, step_id)


@shared_task(name="ingest.tasks.resend_steps", expires=60)
def resend_steps() -> int:
    """Queue again what a restart of Redis or a killed worker has lost; for `celery beat`."""
    return steps.resend()


# The next night makes up for a missed one: no retries, and nothing waits in the queue.
NIGHTLY_OPTIONS: dict[str, Any] = {"acks_late": False, "expires": 3600}


@shared_task(name="ingest.tasks.nightly", **NIGHTLY_OPTIONS)
def nightly() -> None:
    """Load what has changed at AIC since the last complete run; for `celery beat`."""
    _command(queue=bool(settings.REDIS_URL))


# A page of ids a second, 1,311 of them.
@shared_task(
    name="ingest.tasks.weekly_sweep", soft_time_limit=7200, time_limit=7500, **NIGHTLY_OPTIONS
)
def weekly_sweep() -> None:
    """Withdraw what has gone from AIC; for `celery beat`."""
    _command(sweep=True)


def _command(**options: Any) -> None:
    """Run `ingest_artic`; its run says how it ended, and the log if it did not end well."""
    try:
        call_command("ingest_artic", **options)
    except CommandError as error:
        logger.error("event=nightly-ended why=%r", str(error))
    except SystemExit as ended:
        logger.warning("event=nightly-ended exit=%s", ended.code)
