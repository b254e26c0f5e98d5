"""Write captions for works without a description, and store them for review."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from tqdm import tqdm

from museum.images import decoding, storage
from museum.models import Artwork, Description

if TYPE_CHECKING:
    from museum.models import ArtworkQuerySet
    from training.captioning.coca import Captioner

Source = Description.Source
DESCRIPTION_SOURCES = (
    Source.CURATOR,
    Source.DESCRIPTION,
    Source.SHORT_DESCRIPTION,
    Source.GENERATED,
)


@dataclass
class Outcome:
    """The number of captions written, and why others were not."""

    written: int = 0
    failed: list[str] = field(default_factory=list)


def undescribed() -> ArtworkQuerySet:
    """Return the works with a picture and without a description, a generated one included."""
    texts = Description.objects.filter(artwork=OuterRef("pk"), source__in=DESCRIPTION_SOURCES)
    works = Artwork.objects.filter(withdrawn_at__isnull=True).pictured()
    return works.filter(~Exists(texts)).order_by("artic_id")


def write(captioner: Captioner, limit: int | None = None, *, progress: bool = False) -> Outcome:
    """Write captions for works without a description, one work at a time.

    An interrupted run continues where it stopped. A caption is unapproved: visitors neither see it
    nor find works by it until a curator approves it. A caption that exists by now is kept.
    """
    outcome = Outcome()
    ids = list(undescribed().values_list("pk", flat=True)[:limit])
    for pk in tqdm(ids, unit="caption", disable=not progress):
        work = Artwork.objects.only("artic_id", "title", "image_sha256").get(pk=pk)
        try:
            [caption] = captioner.write([decoding.decode(storage.read(work.image_sha256))])
        except (OSError, decoding.InvalidPicture) as error:
            outcome.failed.append(f"{work.title} ({work.artic_id}): {error}")
            continue
        if not caption:
            outcome.failed.append(f"{work.title} ({work.artic_id}): the model wrote nothing")
            continue
        _, is_new = Description.objects.get_or_create(
            artwork=work,
            source=Source.GENERATED,
            language="en",
            defaults={"text": caption, "is_approved": False},
        )
        outcome.written += is_new
    return outcome
