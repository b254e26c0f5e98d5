"""Works that have gone from their source, found by comparing ids; AIC publishes no deletions.

A withdrawn work keeps its row, its picture and its vectors, so one that comes back is there at
once. When more than `SWEEP_LIMIT` percent would vanish at a time, something else is wrong, and
nothing is done until a human says so.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ingest.loading import batches
from ingest.models import IngestRun
from ingest.runs import lifecycle
from ingest.sources.artic.client import MAX_LIMIT, ArticClient
from museum.models import Artwork, ArtworkQuerySet

Confirm = Callable[[set[int]], set[int]]


class TooManyGoneError(Exception):
    """More works would vanish than is likely to be true; the message says how to go on."""


def of_api(run: IngestRun, client: ArticClient, anyway: bool) -> int:
    """Sweep by the ids of the whole listing; return how many works are there and not here.

    Those are loaded, unless they are so many that an ordinary run is due. Raises `SourceError`
    where a page of ids does not come, and `TooManyGoneError`; in both cases nothing is changed.
    """
    present: set[int] = set()
    for page in client.pages(fields=("id",)):
        present.update(record["id"] for record in page.records if _has_id(record))
        run.source, run.iiif_url, run.expected = (
            page.collection.source,
            page.collection.iiif_url,
            page.total,
        )
    run.save(update_fields=["source", "iiif_url", "expected"])
    works = Artwork.objects.filter(source=run.source)

    def confirm(gone: set[int]) -> set[int]:
        # A work that changed while the ids were read moved to pages that had been read.
        there = {
            record["id"]
            for ids in _hundreds(gone)
            for record in client.of_ids(ids, ("id",)).records
            if _has_id(record)
        }
        return gone - there

    settle(run, works, present, anyway, confirm)
    lifecycle.count(run.pk, seen=len(present))
    missing = present - set(works.values_list("artic_id", flat=True))
    if len(missing) * 100 <= settings.SWEEP_LIMIT * len(present):
        for ids in _hundreds(missing):
            page = client.of_ids(ids)
            batches.take(run, batches.parsed(page.records), page.collection)
    return len(missing)


def settle(
    run: IngestRun,
    works: ArtworkQuerySet,
    present: set[int],
    anyway: bool,
    confirm: Confirm = lambda gone: gone,
) -> None:
    """Withdraw those of `works` that are not `present`, and bring back those that are again.

    `confirm` keeps of the ids to withdraw those that are really gone. Raises `TooManyGoneError`.
    """
    stored = set(works.filter(withdrawn_at__isnull=True).values_list("artic_id", flat=True))
    gone = stored - present
    if len(gone) * 100 > settings.SWEEP_LIMIT * len(stored) and not anyway:
        raise TooManyGoneError(
            f"{len(gone)} of {len(stored)} works ({len(gone) / len(stored):.1%}) are gone from "
            f"the source, more than the {settings.SWEEP_LIMIT:g} % of SWEEP_LIMIT, so none was "
            "withdrawn. Look whether the source is whole; --sweep-anyway withdraws them."
        )
    gone = confirm(gone)
    back = set(works.filter(withdrawn_at__isnull=False).values_list("artic_id", flat=True))
    now = timezone.now()
    with transaction.atomic():
        withdrawn = works.filter(artic_id__in=gone, withdrawn_at__isnull=True)
        restored = works.filter(artic_id__in=back & present)
        lifecycle.count(
            run.pk,
            withdrawn=withdrawn.update(withdrawn_at=now, updated_at=now),
            restored=restored.update(withdrawn_at=None, updated_at=now),
        )


def _has_id(record: object) -> bool:
    return isinstance(record, dict) and isinstance(record.get("id"), int)


def _hundreds(ids: set[int]) -> Iterator[Sequence[int]]:
    rest = iter(sorted(ids))
    while some := list(islice(rest, MAX_LIMIT)):
        yield some
