"""Reads a source in this process from beginning to end, such as a data dump or a folder.

While the database stores one page, a thread reads and validates the next ones. Each page is stored
in one transaction. The run's first step stays open until the last page is in, so that a killed
process leaves a run that does not count as complete; reading again writes only what is missing, and
begins at the last page's mark if the source gives marks.
"""

import os
from collections.abc import Callable
from contextlib import closing

from django.db import connection, transaction
from django.db.models import Func
from django.utils import timezone

from ingest.http.errors import SourceError
from ingest.images import fetch
from ingest.loading import batches
from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.pipeline import steps, withdrawals
from ingest.pipeline.prefetch import prefetch
from ingest.runs import claims, lifecycle
from ingest.sources.base import Page, Source
from ingest.sources.record import Record
from museum.models import Artwork, ArtworkQuerySet

PREFETCHED_PAGES = 2


def read(run: IngestRun, source: Source, watch: Callable[[IngestStep], None]) -> set[int]:
    """Load all of `source`, sweep if the run asks for it, then plan what follows.

    `watch` is called with the step after each page. What came before a `SourceError` is loaded,
    and the error becomes a failure of the run. Returns the ids that the source has, those of
    rejected records included.
    """
    step = run.steps.get()
    state = IngestStep.State.DONE
    present: set[int] = set()
    is_generated = False
    pages = source.pages(run.options.get("resumed_at", ""))
    try:
        # Held, so that no worker takes the step for one of its own.
        with (
            claims.claimed(step.pk, f"process {os.getpid()}"),
            closing(prefetch(pages, PREFETCHED_PAGES)) as prefetched,
        ):
            for number, page in enumerate(prefetched, 2):
                present.update(item.artic_id for item in page.items if item.artic_id)
                is_generated = page.collection.is_generated
                _take(run, number, page)
                watch(step)
                if batches.is_full(run):
                    break
            else:
                run.crawled_at = timezone.now()
    except SourceError as error:
        lifecycle.fail(run.pk, IngestFailure.Stage.PAGE, error.code, str(error))
        state = IngestStep.State.FAILED
    if run.options["sweep"] and run.crawled_at:
        _sweep(run, source, present)
    run.expected = run.seen
    if is_generated and run.options["dump"]:
        run.base_url = ""  # generated records say nothing of the API at that address
    run.save(update_fields=["expected", "crawled_at", "base_url"])
    steps.finish(step, steps.plan(run), state)
    return present


def last_mark(source: Source) -> str:
    """Return where the next run of `source` continues; "" at the start."""
    runs = IngestRun.objects.filter(
        base_url=source.address, options__reader=source.name, options__limit=None
    )
    last = runs.order_by("-pk").first()
    if last is None:
        return ""
    # A run that got no page at all leaves the mark where it was.
    return str(last.options.get("mark", last.options.get("resumed_at", "")))


def works_of_source(run: IngestRun, source: Source) -> ArtworkQuerySet:
    """Return the works that are gone if `source` no longer has them."""
    works = Artwork.objects.filter(source=run.source)
    if source.is_whole_collection:
        return works
    # Of several folders, each knows its own works only.
    pages = IngestStep.objects.filter(run__base_url=run.base_url, stage=IngestStep.Stage.PAGE)
    return works.filter(artic_id__in=pages.values_list(Func("keys", function="unnest")))


def _sweep(run: IngestRun, source: Source, present: set[int]) -> None:
    works = works_of_source(run, source)
    try:
        withdrawals.settle(run, works, present, run.options["sweep_anyway"])
    except withdrawals.TooManyGoneError as error:
        lifecycle.fail(run.pk, IngestFailure.Stage.RECORD, "too-many-gone", str(error))


def _take(run: IngestRun, number: int, page: Page) -> None:
    with transaction.atomic():
        _commit_before_disk()
        result = batches.take(run, page)
        if page.mark or run.options.get("mark"):
            run.options |= {"mark": page.mark}
            run.save(update_fields=["options"])
        IngestStep.objects.create(
            run=run,
            stage=IngestStep.Stage.PAGE,
            number=number,
            page=number - 1,
            keys=result.keys,
            state=IngestStep.State.DONE,
            finished_at=timezone.now(),
        )
    files = {
        item.artic_id: item.image_file
        for item in page.items
        if isinstance(item, Record) and item.image_file
    }
    if files and run.options["images"]:
        fetch.store_files(run, {key: files[key] for key in result.keys if key in files})


def _commit_before_disk() -> None:
    """Let this transaction commit before it is on disk; the run's last one waits for all of them.

    A server that crashes may lose the last pages, whole ones with their counts, of a run that then
    has not ended.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
