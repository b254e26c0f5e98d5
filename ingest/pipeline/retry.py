"""Trying again what failed, in a run of its own."""

from django.conf import settings
from django.db import transaction

from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.pipeline import steps
from museum.models import Artwork

RETRYABLE_STAGES = {
    IngestFailure.Stage.IMAGE: IngestStep.Stage.IMAGE,
    IngestFailure.Stage.EMBED: IngestStep.Stage.EMBED,
}
NO_WORKERS = (
    "Without Redis there are no workers to do this. Every run of manage.py ingest_artic tries "
    "again what failed."
)


class NotRetryableError(Exception):
    """These failures cannot be retried from here; the message says what to do instead."""


def retry(stage: str, reason: str) -> tuple[int, int]:
    """Queue steps for the works with unresolved failures of a kind; return how many runs and works.

    Works keep the source and the picture host of the run in which they failed, so each of these
    gets a run. Raises `NotRetryableError`.
    """
    if stage not in RETRYABLE_STAGES:
        raise NotRetryableError(
            "Pages and records are read again by the next run: manage.py ingest_artic --full"
        )
    if not settings.REDIS_URL:
        raise NotRetryableError(NO_WORKERS)
    unresolved = IngestFailure.objects.filter(
        stage=stage, reason=reason, resolved_at__isnull=True, artic_id__isnull=False
    )
    runs = IngestRun.objects.in_bulk(unresolved.order_by().values_list("run", flat=True).distinct())
    groups: dict[tuple[str, str, str], IngestRun] = {}
    ids: dict[tuple[str, str, str], set[int]] = {}
    for number, artic_id in unresolved.order_by("pk").values_list("run", "artic_id"):
        run = runs[number]
        key = (run.source, run.base_url, run.iiif_url)
        groups[key] = run
        ids.setdefault(key, set()).add(artic_id or 0)
    works = sum(queue(run, stage, ids[key]) for key, run in groups.items())
    if not works:
        raise NotRetryableError(
            "None of these failures belongs to a single work. The next run tries again."
        )
    return len(groups), works


@transaction.atomic
def queue(like: IngestRun, stage: str, artic_ids: set[int]) -> int:
    """Queue a run of one stage for these works, otherwise like `like`; return how many works."""
    works = Artwork.objects.filter(artic_id__in=artic_ids, withdrawn_at__isnull=True)
    keys = list(works.order_by("pk").values_list("pk", flat=True))
    if not keys:
        return 0
    part = {"limit": None, "since": None, "dump": None, "mode": "retry"}
    run = IngestRun.objects.create(
        source=like.source,
        base_url=like.base_url,
        iiif_url=like.iiif_url,
        options={**like.options, **part, "queue": True, "images": True, "embed": True},
    )
    planned = steps.batches(RETRYABLE_STAGES[IngestFailure.Stage(stage)], keys)
    for number, step in enumerate(planned, start=1):
        step.run, step.number = run, number
    new = IngestStep.objects.bulk_create(planned)
    transaction.on_commit(lambda: steps.hand_out(new))
    return len(keys)
