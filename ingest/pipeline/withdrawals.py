"""Works that have gone from their source, found by comparing ids: few museums publish deletions.

A withdrawn work keeps its row, its picture and its vectors, so one that comes back is there at
once. If more than `SWEEP_LIMIT` percent would vanish at a time, something else is wrong, and
nothing is withdrawn until a person says so.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ingest.loading import batches
from ingest.models import IngestRun
from ingest.runs import lifecycle
from ingest.sources.base import Listing
from museum.models import Artwork, ArtworkQuerySet

Confirm = Callable[[set[int]], set[int]]


class TooManyGoneError(Exception):
    """More works would vanish than is plausible; the message says how to proceed."""


def sweep(run: IngestRun, source: Listing, anyway: bool) -> int:
    """Sweep by the ids of the whole listing; return how many works are there and not here.

    Those are loaded, unless they are so many that an ordinary run is due. Raises `SourceError`
    if a page of ids does not come, and `TooManyGoneError`; then nothing is changed.
    """
    present: set[int] = set()
    for page in source.id_pages():
        present.update(page.ids)
        run.source, run.iiif_url, run.expected = (
            page.collection.source,
            page.collection.iiif_url,
            page.total,
        )
    run.save(update_fields=["source", "iiif_url", "expected"])
    works = Artwork.objects.filter(source=run.source)

    def confirm(gone: set[int]) -> set[int]:
        # A work that changed while the ids were read moved to pages that had been read.
        there = (source.existing(ids) for ids in _parts(gone, source.max_page_size))
        return gone.difference(*there)

    settle(run, works, present, anyway, confirm)
    lifecycle.count(run.pk, seen=len(present))
    missing = present - set(works.values_list("artic_id", flat=True))
    if len(missing) * 100 <= settings.SWEEP_LIMIT * len(present):
        for ids in _parts(missing, source.max_page_size):
            batches.take(run, source.records_of(ids))
    return len(missing)


def settle(
    run: IngestRun,
    works: ArtworkQuerySet,
    present: set[int],
    anyway: bool,
    confirm: Confirm = lambda gone: gone,
) -> None:
    """Withdraw the `works` that are not `present`, and bring back those that are again.

    `confirm` returns those of the ids to withdraw that are really gone. Raises `TooManyGoneError`.
    """
    stored = set(works.filter(withdrawn_at__isnull=True).values_list("artic_id", flat=True))
    gone = stored - present
    if len(gone) * 100 > settings.SWEEP_LIMIT * len(stored) and not anyway:
        raise TooManyGoneError(
            f"{len(gone)} of {len(stored)} works ({len(gone) / len(stored):.1%}) are gone from "
            f"the source, more than the {settings.SWEEP_LIMIT:g} % of SWEEP_LIMIT, so none was "
            "withdrawn. Check that the source is complete; --sweep-anyway withdraws them."
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


def _parts(ids: set[int], size: int) -> Iterator[Sequence[int]]:
    rest = iter(sorted(ids))
    while part := list(islice(rest, size)):
        yield part
