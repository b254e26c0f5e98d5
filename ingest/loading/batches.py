"""A batch of a source's records → rows of a run: validated, loaded, counted, failures named."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from ingest.loading import upsert
from ingest.models import IngestFailure, IngestRun
from ingest.runs import lifecycle
from ingest.sources.artic.parse import parse
from ingest.sources.base import Collection
from ingest.sources.record import InvalidRecordError, Record

Parsed = Record | InvalidRecordError
ANALYZE_AFTER_ROWS = 500  # changed rows that are worth new statistics for the planner


class Taken(NamedTuple):
    """What a batch came to: the ids of its valid records, and how many records counted."""

    keys: list[int]
    seen: int
    changed: int


def parsed(raws: Iterable[Any]) -> list[Parsed]:
    """Each record validated, or why it cannot be taken; no database is needed."""
    return [_parsed(raw) for raw in raws]


@transaction.atomic
def take(run: IngestRun, found: Sequence[Parsed], collection: Collection) -> Taken:
    """Load what was `found` as far as the run's limit and `since` want it."""
    limit = run.options["limit"]
    wanted = found if limit is None else found[: max(0, limit - run.seen)]
    records = [record for record in wanted if isinstance(record, Record)]
    invalid = [error for error in wanted if isinstance(error, InvalidRecordError)]
    since = since_of(run)
    news = [record for record in records if not _is_older(record, since)]
    loaded = upsert.load(news, collection, all_images=run.options["all_images"])
    for error in invalid:
        _record_failed(run, error)
    keys = [record.artic_id for record in news]
    lifecycle.resolve(IngestFailure.Stage.RECORD, keys)
    seen = len(news) + len(invalid)
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
    return Taken(keys, seen, loaded.created + loaded.updated)


def is_full(run: IngestRun) -> bool:
    """Whether as many records were seen as were asked for."""
    limit = run.options["limit"]
    return limit is not None and run.seen >= limit


def since_of(run: IngestRun) -> datetime | None:
    """The time before which records are of no interest."""
    since = run.options["since"]
    return datetime.fromisoformat(since) if since else None


def _parsed(raw: Any) -> Parsed:
    try:
        return parse(raw)
    except InvalidRecordError as error:
        return error


def _record_failed(run: IngestRun, error: InvalidRecordError) -> None:
    which = f"record {error.artic_id}" if error.artic_id else "a record without a usable id"
    lifecycle.fail(
        run.pk,
        IngestFailure.Stage.RECORD,
        f"bad-{error.field}".replace(".", "-").replace("_", "-"),
        f"{which}: {error}",
        artic_id=error.artic_id,
        url=f"{run.base_url}/artworks/{error.artic_id}" if error.artic_id else "",
    )


def _is_older(record: Record, since: datetime | None) -> bool:
    time = record.source_updated_at
    return since is not None and time is not None and time < since
