"""Captions for works without a description: which works, and what is kept of a caption."""

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
DESCRIBED = (Source.CURATOR, Source.DESCRIPTION, Source.SHORT_DESCRIPTION, Source.GENERATED)


@dataclass
class Done:
    """How many captions were written, and why others were not."""

    written: int = 0
    failed: list[str] = field(default_factory=list)


def undescribed() -> ArtworkQuerySet:
    """Return the works with a picture and without a description, a generated one included."""
    texts = Description.objects.filter(artwork=OuterRef("pk"), source__in=DESCRIBED)
    works = Artwork.objects.filter(withdrawn_at__isnull=True).pictured()
    return works.filter(~Exists(texts)).order_by("artic_id")


def write(captioner: Captioner, limit: int | None = None, *, progress: bool = False) -> Done:
    """Describe what is undescribed, one work at a time: a run that was killed goes on there.

    A caption is unapproved, so visitors neither read it nor find by it, until a curator approves
    it. One that came into being meanwhile stays.
    """
    done = Done()
    ids = list(undescribed().values_list("pk", flat=True)[:limit])
    for pk in tqdm(ids, unit="caption", disable=not progress):
        work = Artwork.objects.only("artic_id", "title", "image_sha256").get(pk=pk)
        try:
            [said] = captioner.write([decoding.decode(storage.read(work.image_sha256))])
        except (OSError, decoding.InvalidPictureError) as error:
            done.failed.append(f"{work.title} ({work.artic_id}): {error}")
            continue
        if not said:
            done.failed.append(f"{work.title} ({work.artic_id}): the model said nothing")
            continue
        _, is_new = Description.objects.get_or_create(
            artwork=work,
            source=Source.GENERATED,
            language="en",
            defaults={"text": said, "is_approved": False},
        )
        done.written += is_new
    return done
