"""Where a work's picture comes from: its host on the web, or a folder."""

import re
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from PIL import Image

from ingest.http import pacing
from ingest.http.circuit_breaker import Breaker
from ingest.http.errors import BadResponse, HttpError, RateLimited, SourceError
from ingest.http.exclusive_lock import exclusive
from ingest.sources.artic.client import ArticClient
from museum.images import decoding, features, storage
from museum.models import Artwork, ImageStatus

WIDTH = 400  # pixels; what embedding needs, and in AIC's cache


SERVED_WIDTH = 843  # of pictures that no other host shows to visitors


REFUSALS = 5  # in a row, and no more pictures are asked for


DEFAULT_WAIT = 1800.0  # seconds that a host is left alone for, unless AIC_BREAKER_WAIT says


LOOPBACK_WAIT = 5.0  # seconds; a server on this machine is nobody's to be kind to


# Of the one lock for pictures: what a killed machine costs all others.
EXPIRY = 15.0


SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


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
            if size > decoding.MAX_BYTES:
                message = f"{file.name}: {size} bytes are more than {decoding.MAX_BYTES}"
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
    if pacing.is_loopback(iiif_url) and wait == DEFAULT_WAIT:
        wait = LOOPBACK_WAIT
    return Breaker(urlsplit(iiif_url).netloc, refusals=REFUSALS, wait=wait)


def _stored(work: Artwork, data: bytes) -> Outcome:
    try:
        picture = decoding.decode(data)
        kept = {"image_sha256": storage.store(data), **_features(work, picture)}
    except decoding.InvalidPictureError as error:
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
