"""Fetching pictures again that a curator doubts."""

from collections import defaultdict

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ingest.models import IngestFailure, IngestRun
from ingest.pipeline import retry
from museum.models import Artwork, ImageStatus


@transaction.atomic
def fetch_again(works: QuerySet[Artwork]) -> tuple[list[Artwork], bool]:
    """Mark the pictures of `works` to be fetched; return the works, and whether they are queued.

    Works without a picture, or with a picture that may not be fetched, are left out. Without
    workers the next run of the source fetches the pictures.
    """
    fetchable = works.filter(withdrawn_at__isnull=True).exclude(
        image_status__in=[ImageStatus.NONE, ImageStatus.RESTRICTED]
    )
    marked = list(fetchable.select_related(None).order_by("pk").only("artic_id", "title", "source"))
    Artwork.objects.filter(pk__in=[work.pk for work in marked]).update(
        image_status=ImageStatus.PENDING,
        image_reason="to be fetched again",
        image_checked_at=None,
        updated_at=timezone.now(),
    )
    if not settings.REDIS_URL:
        return marked, False
    by_source: dict[str, set[int]] = defaultdict(set)
    for work in marked:
        by_source[work.source].add(work.artic_id)
    for source, ids in by_source.items():
        run = IngestRun.objects.filter(source=source).exclude(iiif_url="").order_by("-pk").first()
        if run is None:
            return marked, False
        retry.queue(run, IngestFailure.Stage.IMAGE, ids)
    return marked, True
