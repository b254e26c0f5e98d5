"""Crawls a listing page by page, although its records move meanwhile.

The listing is newest first. A record that changes moves to the top: those above it slide down a
place and come twice, and it is missed itself if it had not been read yet. So a crawl that saw a
record twice reads from the top again, as far as something there is new. A record that is deleted
pulls the records below it up, across the border between two pages: the total has shrunk, and the
crawl steps back by as many pages as that may be.
"""

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from ingest.http.errors import SourceError
from ingest.loading import batches
from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.runs import lifecycle
from ingest.sources.base import ListingPage
from museum.models import Artwork

MAX_FAILED_PAGES = 3  # in a row, and the crawl ends
# Runs whose end of records lets the next one stop where they began.
COMPLETE_MODES = ("full", "incremental")
_TWICE = """
    SELECT count(*) > count(DISTINCT key)
    FROM ingest_ingeststep, unnest(keys) AS key WHERE run_id = %s AND stage = 'page'
"""


def since_last(base_url: str, all_images: bool) -> datetime | None:
    """Return from when on an incremental run must read: a little before the newest record of the
    last complete run of the same source. None if there was none.
    """
    complete = IngestRun.objects.filter(
        base_url=base_url,
        options__mode__in=COMPLETE_MODES,
        options__all_images=all_images,
        crawled_at__isnull=False,
        high_water__isnull=False,
    )
    lost = IngestStep.objects.filter(
        run=OuterRef("pk"), stage=IngestStep.Stage.PAGE, state=IngestStep.State.FAILED
    )
    complete = complete.exclude(Exists(lost))
    last = complete.order_by("-pk").first()
    if last is None or last.high_water is None:
        return None
    # A date in the future must not hide everything after it.
    newest = min(last.high_water, last.started_at)
    return newest - timedelta(seconds=settings.INGEST_OVERLAP)


def take(step: IngestStep, page: ListingPage) -> int | None:
    """Load a page; return the number of the page to read next, None at the crawl's end."""
    run = step.run
    before, is_again = run.expected, run.crawled_at is not None
    run.expected = page.total
    run.save(update_fields=["expected"])
    result = batches.take(run, page)
    step.keys = result.keys
    # At once: what follows the last page is planned from the keys that are in the database.
    step.save(update_fields=["keys"])
    if batches.is_full(run) or not page.items:
        return _end(run)
    is_last = step.page >= page.total_pages
    if is_again:
        return None if is_last or not result.changed else step.page + 1
    shrinkage = max(0, (before or 0) - (page.total or 0))
    if shrinkage and step.page > 1:
        return max(1, step.page - math.ceil(shrinkage / run.options["page_size"]))
    # The listing is newest first: from here on everything is older.
    is_older = bool(batches.since_of(run)) and not result.seen
    if is_older and run.options.get("mode") == "incremental" and _lacks(run, page):
        run.options |= {"mode": "full", "since": None}
        run.save(update_fields=["options"])
        return 1  # whose older records were passed over
    if is_last or is_older:
        return _end(run)
    return step.page + 1


def failed(step: IngestStep, error: SourceError) -> int | None:
    """Record a page that did not come; return the next one's number, None after too many."""
    run = step.run
    lifecycle.fail(
        run.pk,
        IngestFailure.Stage.PAGE,
        error.code,
        f"page {step.page}: {error}",
        url=run.base_url,
    )
    pages = run.steps.filter(stage=IngestStep.Stage.PAGE, state=IngestStep.State.FAILED)
    in_a_row = 1 + pages.filter(number__gt=step.number - MAX_FAILED_PAGES).count()
    last = math.ceil((run.expected or 0) / run.options["page_size"])
    goes_on = step.page < last and in_a_row < MAX_FAILED_PAGES and run.crawled_at is None
    return step.page + 1 if goes_on else None


def _end(run: IngestRun) -> int | None:
    """Record that the end is reached; return to the first page if the listing has moved."""
    if run.crawled_at is not None:
        return None
    run.crawled_at = timezone.now()
    run.save(update_fields=["crawled_at"])
    if run.options.get("mode") == "incremental":
        # The order of the listing shows of the others that they have not changed.
        lifecycle.count(run.pk, unchanged=max(0, (run.expected or 0) - run.seen))
    with connection.cursor() as cursor:
        cursor.execute(_TWICE, [run.pk])
        is_moved = cursor.fetchone()[0]
    return 1 if is_moved and run.options["limit"] is None else None


def _lacks(run: IngestRun, page: ListingPage) -> bool:
    """Tell whether the source has records that are not here, so that reading on pays."""
    here = Artwork.objects.filter(source=page.collection.source, withdrawn_at__isnull=True).count()
    bad = IngestFailure.objects.filter(
        run__base_url=run.base_url, stage=IngestFailure.Stage.RECORD, resolved_at__isnull=True
    )
    return here + bad.values("artic_id", "message").distinct().count() < (page.total or 0)
