"""Pictures: one at a time, verified, each work's status and reason kept beside it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from ingest.images.sources import Folder, Host, Outcome, Source, _features, _stored
from ingest.models import IngestFailure, IngestRun
from ingest.runs import lifecycle
from ingest.sources.artic.client import ArticClient
from museum.images import decoding, storage
from museum.models import Artwork, ImageStatus

logger = logging.getLogger(__name__)
# What is worth asking for: everything wanted that is not there. A run asks once for each.
WANTED = (
    ImageStatus.PENDING,
    ImageStatus.FAILED,
    ImageStatus.REFUSED,
    ImageStatus.INVALID,
    ImageStatus.MISSING,
)
STAGE = IngestFailure.Stage.IMAGE


def lacking() -> Q:
    """Condition on works whose picture, or what is kept beside it, is to be fetched or made."""
    lacks = Q(phash__isnull=True) | Q(palette__isnull=True) | Q(lqip__isnull=True)
    return Q(image_status__in=WANTED) | Q(image_status=ImageStatus.STORED) & lacks


def has_source(run: IngestRun) -> bool:
    """Whether this run fetches pictures and knows where they are."""
    return bool(run.options["images"] and (run.iiif_url or run.options.get("images_from")))


def fetch(run_id: int, keys: list[int], client: ArticClient) -> None:
    """Fetch the wanted pictures among the works `keys`, until the host has refused too often.

    A work is asked for once a run, however often its step is begun again. Of pictures that are
    stored already, the features that they lack are made.
    """
    run = IngestRun.objects.get(pk=run_id)
    folder = run.options.get("images_from")
    _complete(keys)
    if not folder and not run.iiif_url:
        _waiting(keys, "the source does not say where its pictures are (--iiif-url does)")
        return
    source: Source = Folder(Path(folder)) if folder else Host(client, run.iiif_url)
    wanted = Artwork.objects.filter(image_status__in=WANTED)
    fresh = Q(image_checked_at__isnull=True) | Q(image_checked_at__lt=run.started_at)
    for key in keys:
        with source.turn():
            run = IngestRun.objects.get(pk=run_id)
            if run.state != IngestRun.State.RUNNING or STAGE in run.stopped:
                break
            work = wanted.filter(fresh, pk=key).first()
            if work is None:
                continue
            if why := source.closed():
                _stop(run, why)
                break
            outcome = source.ask(work)
        if outcome is None:
            _waiting([work.pk], f"not in {folder}: no {work.image_id}.jpg, .jpeg, .png or .webp")
        else:
            _settle(run, work, outcome)
    stopped = IngestRun.objects.values_list("stopped", flat=True).get(pk=run_id).get(STAGE)
    if stopped:
        _waiting(keys, stopped)
    else:
        lifecycle.resolve_stops(run_id, STAGE)


def put(run: IngestRun, work: Artwork, file: Path, max_bytes: int) -> None:
    """Keep the picture in `file` as that of `work`, made fit for browsers."""
    try:
        outcome = _stored(work, decoding.to_web_format(file.read_bytes(), max_bytes))
    except (OSError, decoding.InvalidPictureError) as error:
        outcome = Outcome(ImageStatus.INVALID, "not-a-picture", f"{file}: {error}")
    _settle(run, work, outcome)


def _stop(run: IngestRun, why: str) -> None:
    """Ask for no more pictures in this run; say so once."""
    with transaction.atomic():
        lifecycle.stop_stage(
            run.pk,
            STAGE,
            "gave-up",
            f"no more pictures are asked for in this run ({why}); the works stay searchable by "
            "their text, and a later run goes on",
        )
    logger.warning('event=pictures-stopped run=%s why="%s"', run.pk, why)


def _waiting(keys: list[int], why: str) -> None:
    Artwork.objects.filter(pk__in=keys, image_status=ImageStatus.PENDING).update(image_reason=why)


@transaction.atomic
def _settle(run: IngestRun, work: Artwork, outcome: Outcome) -> None:
    """Keep the outcome, unless the record has named another picture meanwhile."""
    kept = Artwork.objects.filter(pk=work.pk, image_id=work.image_id, image_status__in=WANTED)
    is_stored = outcome.status == ImageStatus.STORED
    # What was kept of another picture, of an earlier image_id, is no longer this work's.
    blank = {"image_sha256": "", "phash": None, "palette": None}
    now = timezone.now()
    changed = kept.update(
        image_status=outcome.status,
        image_reason=outcome.message,
        image_checked_at=now,
        updated_at=now,
        **(blank | outcome.kept),
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
    stored = Artwork.objects.filter(lacking(), pk__in=keys, image_status=ImageStatus.STORED)
    for work in stored.only("artic_id", "image_id", "image_sha256", "lqip"):
        same = Artwork.objects.filter(pk=work.pk, image_sha256=work.image_sha256)
        with _lost(work) as is_lost:
            picture = decoding.decode(storage.read(work.image_sha256))
            same.update(**_features(work, picture), updated_at=timezone.now())
        if is_lost:
            same.update(image_status=ImageStatus.PENDING, image_reason=is_lost[0], image_sha256="")


@contextmanager
def _lost(work: Artwork) -> Iterator[list[str]]:
    """Gives a list that holds the reason afterwards, where the stored file is of no use."""
    why: list[str] = []
    try:
        yield why
    except (OSError, decoding.InvalidPictureError) as error:
        gone = isinstance(error, FileNotFoundError)
        why.append("its stored file is gone" if gone else f"its stored file is bad: {error}")
        logger.warning("event=picture-lost work=%s", work.artic_id)
