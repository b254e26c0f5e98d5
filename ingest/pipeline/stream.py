"""A source that is read from its beginning to its end, such as a data dump: batches of records.

While the database is at one batch, a thread reads and validates the next ones. Each batch is
stored in one transaction. The run's first step stays open until the last batch is
in, so a killed process leaves a run that does not count as complete; loading again writes only
what is missing.
"""

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Func
from django.utils import timezone

from ingest.http.errors import SourceError
from ingest.loading import batches as batches_module
from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.pipeline import steps, withdrawals
from ingest.pipeline.prefetch import ahead
from ingest.runs import claims, lifecycle
from ingest.sources.base import Collection, Rejected, Source
from museum.models import Artwork, ArtworkQuerySet

BATCH = 1000  # records
AHEAD = 2  # batches


class Batch(NamedTuple):
    """What a source gave at a time; `collection` is as it was then."""

    records: list[batches_module.Parsed]
    rejected: list[Rejected]
    collection: Collection


Then = Callable[[IngestRun, Sequence[int]], None]


def read(
    run: IngestRun,
    source: Source,
    watch: Callable[[IngestStep], None],
    then: Then = lambda run, keys: None,
) -> None:
    """Load all of `source`, sweep where the run is to, then plan what follows.

    `watch` hears of each batch, `then` of the ids of its works once they are rows. What is whole
    of a source that breaks off is loaded, and the break is named.
    """
    step = run.steps.get()
    state = IngestStep.State.DONE
    try:
        # Held, so that no worker takes the step for one of its own.
        with (
            claims.claimed(step.pk, f"process {os.getpid()}"),
            closing(ahead(_batches(source), AHEAD)) as found,
        ):
            for number, batch in enumerate(found, 2):
                keys = _take(run, number, batch)
                then(run, keys)
                watch(step)
                if batches_module.is_full(run):
                    break
            else:
                run.crawled_at = timezone.now()
    except SourceError as error:
        lifecycle.fail(run.pk, IngestFailure.Stage.PAGE, error.code, str(error))
        state = IngestStep.State.FAILED
    if run.options["sweep"] and run.crawled_at:
        _sweep(run, source)
    run.expected = run.seen
    if run.source == "sample":
        run.base_url = ""  # generated records say nothing of the real source
    run.save(update_fields=["expected", "crawled_at", "base_url"])
    steps.finish(step, steps.plan(run), state)


def works_of_source(run: IngestRun) -> ArtworkQuerySet:
    """Works that would be gone if the source no longer has them."""
    works = Artwork.objects.filter(source=run.source)
    if run.options["dump"]:
        return works
    # Of several folders, each knows its own works only.
    batches = IngestStep.objects.filter(run__base_url=run.base_url, stage=IngestStep.Stage.PAGE)
    return works.filter(artic_id__in=batches.values_list(Func("keys", function="unnest")))


def _sweep(run: IngestRun, source: Source) -> None:
    try:
        withdrawals.settle(run, works_of_source(run), source.present, run.options["sweep_anyway"])
    except withdrawals.TooManyGoneError as error:
        lifecycle.fail(run.pk, IngestFailure.Stage.RECORD, "too-many-gone", str(error))


def _batches(source: Source) -> Generator[Batch]:
    """Records in batches; what came before an error comes before the error."""
    failure = None
    raws: list[Any] = []
    try:
        for raw in source.records():
            raws.append(raw)
            if len(raws) == BATCH:
                yield _batch(source, raws)
                raws = []
    except SourceError as error:
        failure = error
    if raws or source.rejected:
        yield _batch(source, raws)
    if failure:
        raise failure


def _batch(source: Source, raws: list[Any]) -> Batch:
    rejected, source.rejected[:] = list(source.rejected), []
    return Batch(batches_module.parsed(raws), rejected, source.collection)


def _take(run: IngestRun, number: int, batch: Batch) -> list[int]:
    with transaction.atomic():
        _need_not_wait_for_the_disk()
        taken = batches_module.take(run, batch.records, batch.collection)
        for found in batch.rejected:
            lifecycle.fail(
                run.pk,
                IngestFailure.Stage.RECORD,
                found.code,
                found.message,
                artic_id=found.artic_id,
                url=found.place,
            )
        lifecycle.count(run.pk, seen=len(batch.rejected))
        run.seen += len(batch.rejected)
        IngestStep.objects.create(
            run=run,
            stage=IngestStep.Stage.PAGE,
            number=number,
            page=number - 1,
            keys=taken.keys,
            state=IngestStep.State.DONE,
            finished_at=timezone.now(),
        )
    return taken.keys


def _need_not_wait_for_the_disk() -> None:
    """Let this transaction commit before it is on disk; the run's last one waits for all of them.

    A server that crashes may lose the last batches, whole ones with their counts, of a run that
    then has not ended.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
