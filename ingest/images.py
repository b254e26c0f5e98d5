"""Pictures: one at a time, verified, each work's status and reason kept beside it."""

import logging
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from PIL import Image

from ingest import features, pace, runs
from ingest.artic import ArticClient
from ingest.breaker import Breaker
from ingest.errors import BadResponse, HttpError, RateLimited, SourceError
from ingest.exclusive import exclusive
from ingest.models import IngestFailure, IngestRun
from museum import pictures
from museum.models import Artwork, ImageStatus

logger = logging.getLogger(__name__)
WIDTH = 400  # pixels; what embedding needs, and in AIC's cache
SERVED_WIDTH = 843  # of pictures that no other host shows to visitors
# What is worth asking for: everything wanted that is not there. A run asks once for each.
WANTED = (
    ImageStatus.PENDING,
    ImageStatus.FAILED,
    ImageStatus.REFUSED,
    ImageStatus.INVALID,
    ImageStatus.MISSING,
)
REFUSALS = 5  # in a row, and no more pictures are asked for
DEFAULT_WAIT = 1800.0  # seconds that a host is left alone for, unless AIC_BREAKER_WAIT says
LOOPBACK_WAIT = 5.0  # seconds; a server on this machine is nobody's to be kind to
# Of the one lock for pictures: what a killed machine costs all others.
EXPIRY = 15.0
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
STAGE = IngestFailure.Stage.IMAGE
_NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True)
class Outcome:
    """What came of asking for one picture; `refusal` speaks of the host, not of the picture."""

    status: str
    code: str = ""
    message: str = ""
    refusal: str = ""
    retry_after: float | None = None
    kept: dict[str, Any] = field(default_factory=dict)


class Source(Protocol):
    """Where pictures come from."""

    def turn(self) -> AbstractContextManager[None]:
        """Hold whatever must be held while one picture is asked for."""
        ...

    def closed(self) -> str:
        """Why nothing may be asked for now; "" where it may."""
        ...

    def ask(self, work: Artwork) -> Outcome | None:
        """Ask for the picture of `work`; None where there is nothing to ask."""
        ...


class Host:
    """A picture host: one request at a time anywhere, and none while its circuit is open."""

    def __init__(self, client: ArticClient, iiif_url: str) -> None:
        self.client, self.iiif_url = client, iiif_url
        self.breaker = breaker(iiif_url)

    def turn(self) -> AbstractContextManager[None]:
        return exclusive("pictures", expiry=EXPIRY)

    def closed(self) -> str:
        if self.breaker.allow():
            return ""
        return f"{urlsplit(self.iiif_url).netloc}: {self.breaker.status()}"

    def ask(self, work: Artwork) -> Outcome:
        width = SERVED_WIDTH if work.is_generated else WIDTH
        try:
            outcome = _stored(work, self.client.picture(self.iiif_url, work.image_id or "", width))
        except SourceError as error:
            outcome = _outcome(error)
        if outcome.refusal:
            self.breaker.refused(outcome.refusal, outcome.retry_after)
        else:
            self.breaker.succeeded()
        return outcome


class Folder:
    """Pictures that the operator holds: `{image_id}.jpg`, or another of `SUFFIXES`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def closed(self) -> str:
        return "" if self.path.is_dir() else f"the folder {self.path} is not there"

    def ask(self, work: Artwork) -> Outcome | None:
        file = self._find(work.image_id or "")
        if file is None:
            return None
        try:
            size = file.stat().st_size
            if size > pictures.MAX_BYTES:
                message = f"{file.name}: {size} bytes are more than {pictures.MAX_BYTES}"
                return Outcome(ImageStatus.INVALID, "too-large", message)
            return _stored(work, file.read_bytes())
        except OSError as error:
            message = f"{file.name} cannot be read ({error.strerror})"
            return Outcome(ImageStatus.FAILED, "unreadable", message)

    def _find(self, image_id: str) -> Path | None:
        # An id never leads out of the folder.
        if not _NAME.fullmatch(image_id):
            return None
        files = (self.path / f"{image_id}{suffix}" for suffix in SUFFIXES)
        return next((file for file in files if file.is_file()), None)


def breaker(iiif_url: str) -> Breaker:
    """The circuit breaker of this picture host, one for all processes."""
    wait = settings.AIC_BREAKER_WAIT
    if pace.is_loopback(iiif_url) and wait == DEFAULT_WAIT:
        wait = LOOPBACK_WAIT
    return Breaker(urlsplit(iiif_url).netloc, refusals=REFUSALS, wait=wait)


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
        runs.resolve_stops(run_id, STAGE)


def put(run: IngestRun, work: Artwork, file: Path, max_bytes: int) -> None:
    """Keep the picture in `file` as that of `work`, made fit for browsers."""
    try:
        outcome = _stored(work, pictures.for_the_web(file.read_bytes(), max_bytes))
    except (OSError, pictures.InvalidPicture) as error:
        outcome = Outcome(ImageStatus.INVALID, "not-a-picture", f"{file}: {error}")
    _settle(run, work, outcome)


def _stop(run: IngestRun, why: str) -> None:
    """Ask for no more pictures in this run; say so once."""
    with transaction.atomic():
        runs.stop_stage(
            run.pk,
            STAGE,
            "gave-up",
            f"no more pictures are asked for in this run ({why}); the works stay searchable by "
            "their text, and a later run goes on",
        )
    logger.warning('event=pictures-stopped run=%s why="%s"', run.pk, why)


def _waiting(keys: list[int], why: str) -> None:
    Artwork.objects.filter(pk__in=keys, image_status=ImageStatus.PENDING).update(image_reason=why)


def _stored(work: Artwork, data: bytes) -> Outcome:
    try:
        picture = pictures.decode(data)
        kept = {"image_sha256": pictures.store(data), **_features(work, picture)}
    except pictures.InvalidPicture as error:
        return Outcome(ImageStatus.INVALID, "not-a-picture", str(error))
    return Outcome(ImageStatus.STORED, kept=kept)


def _features(work: Artwork, picture: Image.Image) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "phash": features.perceptual_hash(picture),
        "palette": features.palette(picture),
    }
    # The source's own placeholder is the better one: it is made from the whole picture.
    return kept if work.lqip else {**kept, "lqip": features.lqip(picture)}


def _outcome(error: SourceError) -> Outcome:
    status, refusal = ImageStatus.FAILED, "no answer"
    if isinstance(error, HttpError) and error.status in {404, 410}:
        status, refusal = ImageStatus.MISSING, ""
    elif isinstance(error, HttpError) and error.status in {401, 403}:
        status, refusal = ImageStatus.REFUSED, f"{error.status} challenge"
    elif isinstance(error, RateLimited):
        status, refusal = ImageStatus.REFUSED, "429 too many requests"
    elif isinstance(error, HttpError):
        refusal = f"{error.status} errors"
    elif isinstance(error, BadResponse):
        status, refusal = ImageStatus.INVALID, "a page of HTML"
    elif error.code == "too-large":
        status, refusal = ImageStatus.INVALID, ""
    return Outcome(status, error.code, str(error), refusal, error.retry_after)


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
        runs.resolve(STAGE, [work.artic_id])
    elif changed:
        message = f"{work.title}: {outcome.message}"
        runs.fail(run.pk, STAGE, outcome.code, message, artic_id=work.artic_id)


# --- Features of pictures that an earlier version has stored --------------------------------------
def _complete(keys: list[int]) -> None:
    stored = Artwork.objects.filter(lacking(), pk__in=keys, image_status=ImageStatus.STORED)
    for work in stored.only("artic_id", "image_id", "image_sha256", "lqip"):
        same = Artwork.objects.filter(pk=work.pk, image_sha256=work.image_sha256)
        with _lost(work) as is_lost:
            picture = pictures.decode(pictures.read(work.image_sha256))
            same.update(**_features(work, picture), updated_at=timezone.now())
        if is_lost:
            same.update(image_status=ImageStatus.PENDING, image_reason=is_lost[0], image_sha256="")


@contextmanager
def _lost(work: Artwork) -> Iterator[list[str]]:
    """Gives a list that holds the reason afterwards, where the stored file is of no use."""
    why: list[str] = []
    try:
        yield why
    except (OSError, pictures.InvalidPicture) as error:
        gone = isinstance(error, FileNotFoundError)
        why.append("its stored file is gone" if gone else f"its stored file is bad: {error}")
        logger.warning("event=picture-lost work=%s", work.artic_id)
