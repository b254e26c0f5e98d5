"""Pictures: fetched one at a time and verified; each work keeps the status and the reason."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from ingest.http.politeness import Politeness
from ingest.images.sources import (
    Folder,
    Outcome,
    PictureSource,
    WebHosts,
    features_of,
    stored_for_the_web,
)
from ingest.models import IngestFailure, IngestRun
from ingest.runs import lifecycle
from ingest.sources.base import MAX_FILE_BYTES
from museum.images import decoding, storage
from museum.models import Artwork, ImageStatus

logger = logging.getLogger(__name__)
# Of pictures that a run asks for, once each: all that may be fetched and are not there.
FETCHABLE = (
    ImageStatus.PENDING,
    ImageStatus.FAILED,
    ImageStatus.REFUSED,
    ImageStatus.INVALID,
    ImageStatus.MISSING,
)
STAGE = IngestFailure.Stage.IMAGE
WITHOUT_FEATURES = Q(image_status=ImageStatus.STORED) & (
    Q(phash__isnull=True) | Q(palette__isnull=True) | Q(lqip__isnull=True)
)


def lacking(run: IngestRun) -> Q:
    """Return the condition on works whose picture, or its features, this run can bring."""
    if not run.options["images"]:
        return Q(pk__in=())
    lacks = Q(image_status__in=FETCHABLE) | WITHOUT_FEATURES
    if run.iiif_url or run.options.get("images_from"):
        return lacks
    # Without a picture host of the run, only works with an address of their own can be fetched.
    return lacks & (Q(image_url__isnull=False) | Q(source=run.source, iiif_url__isnull=False))


def fetch(run_id: int, keys: list[int], politeness: Politeness) -> None:
    """Fetch the pictures that the works `keys` lack, until the host has refused too often.

    A work is asked for once a run, however often its step is begun again. Stored pictures get the
    features that they lack.
    """
    run = IngestRun.objects.get(pk=run_id)
    folder = run.options.get("images_from")
    _complete(keys)
    source: PictureSource = Folder(Path(folder)) if folder else WebHosts(politeness, run.iiif_url)
    fetchable = Artwork.objects.filter(image_status__in=FETCHABLE)
    fresh = Q(image_checked_at__isnull=True) | Q(image_checked_at__lt=run.started_at)
    for key in keys:
        with source.turn():
            run = IngestRun.objects.get(pk=run_id)
            if run.state != IngestRun.State.RUNNING or STAGE in run.stopped:
                break
            work = fetchable.filter(fresh, pk=key).first()
            if work is None:
                continue
            if why := source.closed(work):
                _stop(run, why)
                break
            outcome = source.ask(work)
        if outcome is None:
            _waiting([work.pk], source.absence(work))
        else:
            _settle(run, work, outcome)
    stopped = IngestRun.objects.values_list("stopped", flat=True).get(pk=run_id).get(STAGE)
    if stopped:
        _waiting(keys, stopped)
    else:
        lifecycle.resolve_stops(run_id, STAGE)


def store_files(run: IngestRun, files: Mapping[int, Path]) -> None:
    """Store the pictures on this machine that works lack, by the works' ids."""
    works = Artwork.objects.filter(artic_id__in=files, image_status__in=FETCHABLE)
    for work in works.order_by("pk").iterator():
        file = files[work.artic_id]
        try:
            outcome = stored_for_the_web(work, file.read_bytes(), MAX_FILE_BYTES)
        except OSError as error:
            outcome = Outcome(ImageStatus.INVALID, "not-a-picture", str(error))
        message = f"{file}: {outcome.message}" if outcome.message else ""
        _settle(run, work, replace(outcome, message=message))


def _stop(run: IngestRun, why: str) -> None:
    """Ask for no more pictures in this run, and say so once."""
    with transaction.atomic():
        lifecycle.stop_stage(
            run.pk,
            STAGE,
            "gave-up",
            f"no more pictures are asked for in this run ({why}); the works stay searchable by "
            "their text, and a later run continues",
        )
    logger.warning('event=pictures-stopped run=%s why="%s"', run.pk, why)


def _waiting(keys: list[int], why: str) -> None:
    Artwork.objects.filter(pk__in=keys, image_status=ImageStatus.PENDING).update(image_reason=why)


@transaction.atomic
def _settle(run: IngestRun, work: Artwork, outcome: Outcome) -> None:
    """Store the outcome, unless the record has named another picture meanwhile."""
    same = Artwork.objects.filter(pk=work.pk, image_id=work.image_id, image_status__in=FETCHABLE)
    is_stored = outcome.status == ImageStatus.STORED
    # What was stored of another picture, of an earlier image_id, is no longer this work's.
    blank = {"image_sha256": "", "phash": None, "palette": None}
    now = timezone.now()
    changed = same.update(
        image_status=outcome.status,
        image_reason=outcome.message,
        image_checked_at=now,
        updated_at=now,
        **(blank | outcome.columns),
    )
    logger.log(
        logging.DEBUG if is_stored else logging.INFO,
        "event=picture run=%s work=%s status=%s reason=%s",
        *(run.pk, work.artic_id, outcome.status, outcome.code or "-"),
    )
    if is_stored:
        IngestRun.objects.filter(pk=run.pk).update(images=F("images") + changed)
        lifecycle.resolve(STAGE, [work.artic_id])
    elif changed:
        message = f"{work.title}: {outcome.message}"
        lifecycle.fail(run.pk, STAGE, outcome.code, message, artic_id=work.artic_id)


# --- Features of pictures that an earlier version has stored --------------------------------------
def _complete(keys: list[int]) -> None:
    stored = Artwork.objects.filter(WITHOUT_FEATURES, pk__in=keys)
    for work in stored.only("artic_id", "image_id", "image_sha256", "lqip"):
        same = Artwork.objects.filter(pk=work.pk, image_sha256=work.image_sha256)
        with _lost(work) as is_lost:
            picture = decoding.decode(storage.read(work.image_sha256))
            same.update(**features_of(work, picture), updated_at=timezone.now())
        if is_lost:
            same.update(image_status=ImageStatus.PENDING, image_reason=is_lost[0], image_sha256="")


@contextmanager
def _lost(work: Artwork) -> Iterator[list[str]]:
    """Give a list that holds the reason afterwards, if the stored file is unusable."""
    why: list[str] = []
    try:
        yield why
    except (OSError, decoding.InvalidPictureError) as error:
        gone = isinstance(error, FileNotFoundError)
        why.append("its stored file is gone" if gone else f"its stored file is bad: {error}")
        logger.warning("event=picture-lost work=%s", work.artic_id)
