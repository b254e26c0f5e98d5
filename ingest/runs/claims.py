"""Claims on steps: a worker keeps its claim alive, and the claim ends with the worker."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils import timezone

from ingest.models import IngestStep

logger = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 5.0  # between two signs of life
# A step without a sign of life for this long is free again. Taking one too early does no harm: only
# the first worker to close a step counts.
CLAIM_EXPIRY = timedelta(seconds=25)


class StepTakenOverError(Exception):
    """Another worker has closed the step meanwhile; the same work must not count twice."""


def free() -> Q:
    """Return the condition on open steps that no worker has."""
    stale = Q(claimed_at__lt=timezone.now() - CLAIM_EXPIRY)
    return Q(state=IngestStep.State.OPEN) & (Q(claimed_by="") | stale)


@contextmanager
def claimed(step_id: int, worker: str) -> Iterator[bool]:
    """Hold the step in the name of `worker`; give False if it is done or another worker has it."""
    # A task that is delivered again after its worker was lost has the same name as before.
    ours = free() | Q(state=IngestStep.State.OPEN, claimed_by=worker)
    steps = IngestStep.objects.filter(ours, pk=step_id)
    if not steps.update(claimed_by=worker, claimed_at=timezone.now()):
        yield False
        return
    ended = threading.Event()
    beat = threading.Thread(target=_keep, args=(step_id, worker, ended), daemon=True)
    beat.start()
    try:
        yield True
    finally:
        ended.set()
        beat.join()


def _keep(step_id: int, worker: str, ended: threading.Event) -> None:
    # The thread's own connection is opened only for steps that outlast the first wait.
    while not ended.wait(HEARTBEAT_SECONDS):
        try:
            mine = IngestStep.objects.filter(pk=step_id, claimed_by=worker)
            mine.update(claimed_at=timezone.now())
        except DatabaseError as error:
            logger.warning("event=claim-not-renewed step=%s why=%s", step_id, type(error).__name__)
        finally:
            connection.close()
