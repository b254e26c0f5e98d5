"""Celery tasks: each does one step of a run, named by its primary key.

A task that is delivered twice does nothing the second time; one whose worker was lost is taken up
again where it stopped. Only a database or a broker that is away is worth a retry.
"""

from typing import Any

import redis
from celery import Task, shared_task
from django.db import InterfaceError, OperationalError

from ingest import outage, steps

RETRY: dict[str, Any] = {
    "bind": True,
    "autoretry_for": (OperationalError, InterfaceError, redis.ConnectionError, redis.TimeoutError),
    "retry_backoff": True,
    "retry_backoff_max": 60,
    "max_retries": 8,
}


def _perform(task: Task[Any, Any], step_id: int) -> None:
    outage.outlasted(lambda: steps.perform(step_id, task.request.id or ""))


@shared_task(name="ingest.tasks.ingest_page", **RETRY)
def ingest_page(self: Task[Any, Any], step_id: int) -> None:
    """Load one page of the listing; the next page is its own task."""
    _perform(self, step_id)


@shared_task(name="ingest.tasks.fetch_images", **RETRY)
def fetch_images(self: Task[Any, Any], step_id: int) -> None:
    """Fetch the pictures of one batch, one at a time."""
    _perform(self, step_id)


@shared_task(name="ingest.tasks.embed_works", **RETRY)
def embed_works(self: Task[Any, Any], step_id: int) -> None:
    """Embed one batch of works."""
    _perform(self, step_id)


@shared_task(name="ingest.tasks.resend_steps", expires=60)
def resend_steps() -> int:
    """Queue again what a restart of Redis or a killed worker has lost; for `celery beat`."""
    return steps.resend()
