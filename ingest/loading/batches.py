"""A page of a source → rows of a run: loaded and counted, with a failure for what was rejected."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from ingest.loading import upsert
from ingest.models import IngestFailure, IngestRun
from ingest.runs import lifecycle
from ingest.sources.base import Item, Page, Rejected
from ingest.sources.record import Record

ANALYZE_AFTER_ROWS = 500  # changed rows that are worth new statistics for the planner


class PageResult(NamedTuple):
    """What a page came to: the ids of its valid records, and how many counted and changed."""

    keys: list[int]
    seen: int
    changed: int


@transaction.atomic
def take(run: IngestRun, page: Page) -> PageResult:
    """Load a page, as far as the run's limit and `since` reach."""
    collection = page.collection
    limit = run.options["limit"]
    items = page.items if limit is None else _first(page.items, limit - run.seen)
    records = [item for item in items if isinstance(item, Record)]
    rejected = [item for item in items if isinstance(item, Rejected)]
    since = since_of(run)
    news = [record for record in records if not _is_older(record, since)]
    loaded = upsert.load(news, collection, all_images=run.options["all_images"])
    for each in rejected:
        lifecycle.fail(
            run.pk,
            IngestFailure.Stage.RECORD,
            each.code,
            each.message,
            artic_id=each.artic_id,
            url=each.place,
        )
    keys = [record.artic_id for record in news]
    lifecycle.resolve(IngestFailure.Stage.RECORD, keys)
    seen = len(news) + len(rejected)
    lifecycle.count(
        run.pk,
        seen=seen,
        created=loaded.created,
        updated=loaded.updated,
        unchanged=loaded.unchanged,
    )
    run.seen += seen
    run.source, run.iiif_url = collection.source, collection.iiif_url
    times = [time for record in news if (time := record.source_updated_at)]
    run.high_water = max([*times, *([run.high_water] if run.high_water else [])], default=None)
    run.save(update_fields=["source", "iiif_url", "high_water"])
    return PageResult(keys, seen, loaded.created + loaded.updated)


def is_full(run: IngestRun) -> bool:
    """Tell whether the run has seen as many records as its limit."""
    limit = run.options["limit"]
    return limit is not None and run.seen >= limit


def since_of(run: IngestRun) -> datetime | None:
    """Return the time before which records are of no interest."""
    since = run.options["since"]
    return datetime.fromisoformat(since) if since else None


def _first(items: Sequence[Item], records: int) -> list[Item]:
    """Return the items up to this number of records."""
    first: list[Item] = []
    for item in items:
        if records <= 0:
            break
        first.append(item)
        records -= isinstance(item, Record)
    return first


def _is_older(record: Record, since: datetime | None) -> bool:
    time = record.source_updated_at
    return since is not None and time is not None and time < since
