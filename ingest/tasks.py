"""Celery tasks: each does one step of a run, named by its primary key.

A task that is delivered twice does nothing the second time; one whose worker was lost is taken up
again where it stopped. Only a database or a broker that is away is worth a retry.
"""

from typing import Any

import redis
from celery import Task, shared_task
from django.db import InterfaceError, OperationalError

from ingest import steps

RETRY: dict[str, Any] = {
    "bind": True,
    "autoretry_for": (OperationalError, InterfaceError, redis.ConnectionError),
    "retry_backoff": True,
    "retry_backoff_max": 60,
    "max_retries": 8,
}


@shared_task(name="ingest.tasks.ingest_page", **RETRY)
def ingest_page(self: Task[Any, Any], step_id: int) -> None:
    """Load one page of the listing; the next page is its own task."""
    steps.perform(step_id, self.request.id or "")


@shared_task(name="ingest.tasks.fetch_images", **RETRY)
def fetch_images(self: Task[Any, Any], step_id: int) -> None:
    """Fetch the pictures of one batch, one at a time."""
    steps.perform(step_id, self.request.id or "")


@shared_task(name="ingest.tasks.embed_works", **RETRY)
def embed_works(self: Task[Any, Any], step_id: int) -> None:
    """Embed one batch of works."""
    steps.perform(step_id, self.request.id or "")
