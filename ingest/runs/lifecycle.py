"""The life of a run: one at a time, with its counts, its failures and its end."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

from django.db.models import F, Max
from django.utils import timezone

from ingest.models import IngestFailure, IngestRun, IngestStep
from museum.core.database.advisory_lock import advisory_lock, take

LOCK_ID = 0x656B7068  # "ekph": the advisory lock of the ingest
# A killed process holds its lock until Postgres notices, which takes a moment.
LOCK_WAIT_SECONDS = 3.0
# Workers finish a step within minutes; a queued run that finishes none for so long is abandoned.
ABANDONED_AFTER = timedelta(minutes=15)
State, Stage = IngestRun.State, IngestFailure.Stage


class IngestBusyError(Exception):
    """Another ingest is running; the message says which."""


@contextmanager
def alone() -> Iterator[None]:
    """Hold the ingest lock of this database; raises `IngestBusyError` if another process has it."""
    with ExitStack() as held:
        try:
            held.enter_context(advisory_lock(LOCK_ID, LOCK_WAIT_SECONDS))
        except TimeoutError as error:
            running = IngestRun.objects.filter(state=State.RUNNING).first()
            which = f" (run {running.pk}, since {running.started_at:%H:%M:%S})" if running else ""
            message = f"Another ingest is running{which}. Wait for it to end, or stop it."
            raise IngestBusyError(message) from error
        yield


def alone_again() -> None:
    """Take the ingest lock again after a lost connection.

    Raises `IngestBusyError` if another process took it first.
    """
    try:
        take(LOCK_ID, LOCK_WAIT_SECONDS)
    except TimeoutError as error:
        message = "Another ingest began while the database was away; this one leaves it be."
        raise IngestBusyError(message) from error


def start(base_url: str, options: dict[str, Any]) -> IngestRun:
    """Begin a run with its first page as its first step. The caller holds the lock (`alone`).

    Runs that a killed process left behind are closed. Raises `IngestBusyError` while Celery workers
    are still busy with one.
    """
    for run in IngestRun.objects.filter(state=State.RUNNING):
        if run.options.get("queue") and _is_alive(run):
            raise IngestBusyError(
                f"Celery workers are at work on run {run.pk}. Wait for it to end, or stop it in "
                "the admin (Ingest runs, action “Stop”)."
            )
        end(run.pk, "ended unexpectedly: its process was killed, or its workers are gone")
    run = IngestRun.objects.create(base_url=base_url, options=options)
    IngestStep.objects.create(run=run, stage=IngestStep.Stage.PAGE, number=1)
    return run


def _is_alive(run: IngestRun) -> bool:
    newest = run.steps.aggregate(at=Max("finished_at"), claimed=Max("claimed_at"))
    signs = [time for time in (run.started_at, *newest.values()) if time]
    return max(signs) > timezone.now() - ABANDONED_AFTER


def fail(
    run_id: int,
    stage: str,
    reason: str,
    message: str,
    *,
    artic_id: int | None = None,
    url: str = "",
) -> None:
    """Record what could not be done."""
    IngestFailure.objects.create(
        run_id=run_id, stage=stage, reason=reason[:50], message=message, artic_id=artic_id, url=url
    )
    count(run_id, failed=1)


def count(run_id: int, **counts: int) -> None:
    """Add to the counts of a run; safe while other processes count, too."""
    added = {name: F(name) + number for name, number in counts.items() if number}
    if added:
        IngestRun.objects.filter(pk=run_id).update(**added)


def stop_stage(run_id: int, stage: str, reason: str, message: str, of: str = "") -> None:
    """Give up a stage of a run, or the part `of` it; only the first call counts."""
    run = IngestRun.objects.select_for_update().get(pk=run_id)
    stopped = f"{stage} {of}".strip()
    if stopped in run.stopped:
        return
    run.stopped[stopped] = message
    run.save(update_fields=["stopped"])
    fail(run_id, stage, reason, message)


def end(run_id: int, message: str = "") -> None:
    """Close a run with the state that its counts call for; only the first call counts.

    Without a `message` it ran to its end. Failed: nothing came in. Partial: something is missing.
    """
    run = IngestRun.objects.get(pk=run_id)
    successes = run.created + run.updated + run.unchanged + run.images + run.embedded
    has_failures = run.failures.exists()
    if not successes and (has_failures or message):
        state = State.FAILED
    else:
        state = State.PARTIAL if has_failures or message else State.DONE
    IngestRun.objects.filter(pk=run_id, state=State.RUNNING).update(
        state=state, message=message or _why(run), finished_at=timezone.now()
    )


def _why(run: IngestRun) -> str:
    first = run.failures.order_by("pk").first()
    if first is None:
        return ""
    more = run.failures.count() - 1
    return first.message + (f" (and {more} more)" if more else "")


def resolve_stops(run_id: int, stage: str) -> None:
    """Mark as resolved what stopped the whole stage in earlier runs."""
    stops = IngestFailure.objects.filter(
        stage=stage, artic_id__isnull=True, resolved_at__isnull=True, run_id__lt=run_id
    )
    stops.update(resolved_at=timezone.now())


def resolve(stage: str, artic_ids: list[int]) -> None:
    """Mark failures of these works as resolved: what failed has succeeded now."""
    unresolved = IngestFailure.objects.filter(
        stage=stage, artic_id__in=artic_ids, resolved_at__isnull=True
    )
    unresolved.update(resolved_at=timezone.now())
