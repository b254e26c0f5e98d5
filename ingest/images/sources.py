"""Where the picture of a work comes from: its host on the web, or a folder."""

import re
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from PIL import Image

from ingest.http import pacing
from ingest.http.circuit_breaker import CircuitBreaker
from ingest.http.errors import BadResponseError, HttpError, RateLimitedError, SourceError
from ingest.http.exclusive_lock import exclusive
from ingest.http.politeness import Politeness
from ingest.http.session import PacedSession, picture_body
from museum.images import decoding, features, storage
from museum.models import Artwork, ImageStatus

EMBEDDED_WIDTH = 400  # pixels; what embedding needs, and in AIC's cache
SERVED_WIDTH = 843  # pixels; of pictures that no other host shows to visitors
REFUSALS = 5  # in a row open the circuit
BREAKER_WAIT_SECONDS = 1800.0  # for which a host is left alone, unless AIC_BREAKER_WAIT says
LOOPBACK_BREAKER_WAIT_SECONDS = 5.0  # a server on this machine needs no sparing
# Of the one lock for pictures: what a killed machine costs all others.
LOCK_EXPIRY_SECONDS = 15.0
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True)
class Outcome:
    """What came of asking for one picture; `refusal` is about the host, not about the picture.

    `columns` are the values to store with the work.
    """

    status: str
    code: str = ""
    message: str = ""
    refusal: str = ""
    retry_after: float | None = None
    columns: dict[str, Any] = field(default_factory=dict)


class PictureSource(Protocol):
    """Where pictures come from."""

    def turn(self) -> AbstractContextManager[None]:
        """Hold what must be held while one picture is asked for."""
        ...

    def closed(self, work: Artwork) -> str:
        """Return why the picture may not be asked for now; "" where it may."""
        ...

    def ask(self, work: Artwork) -> Outcome | None:
        """Ask for the picture of `work`; None where there is nothing to ask for."""
        ...

    def absence(self, work: Artwork) -> str:
        """Return why there is nothing to ask for."""
        ...


class WebHosts:
    """Picture hosts: one request at a time anywhere, and none while a host's circuit is open.

    `iiif_url` is the IIIF Image API of a run; "" where each work has an address of its own.
    """

    def __init__(self, politeness: Politeness, iiif_url: str) -> None:
        self.politeness, self.iiif_url = politeness, iiif_url
        self._sessions: dict[str, PacedSession] = {}

    def turn(self) -> AbstractContextManager[None]:
        return exclusive("pictures", expiry=LOCK_EXPIRY_SECONDS)

    def closed(self, work: Artwork) -> str:
        url = self._url(work)
        if not url or (circuit := breaker(url)).allow():
            return ""
        return f"{urlsplit(url).netloc}: {circuit.status()}"

    def ask(self, work: Artwork) -> Outcome | None:
        url = self._url(work)
        if not url:
            return None
        try:
            data = self._session(url).get(url, picture_body)
            # A IIIF service sends JPEGs; any other address may hold what browsers do not show.
            store = stored_for_the_web if work.image_url else stored
            outcome = store(work, data)
        except SourceError as error:
            outcome = _outcome(error)
        circuit = breaker(url)
        if outcome.refusal:
            circuit.refused(outcome.refusal, outcome.retry_after)
        else:
            circuit.succeeded()
        return outcome

    def absence(self, work: Artwork) -> str:
        return "the source does not say where its pictures are (--iiif-url does)"

    def _url(self, work: Artwork) -> str:
        if work.image_url:
            return work.image_url
        base = self.iiif_url or work.iiif_url
        if not base or not work.image_id:
            return ""
        width = SERVED_WIDTH if work.is_generated else EMBEDDED_WIDTH
        return f"{base.rstrip('/')}/{work.image_id}/full/{width},/0/default.jpg"

    def _session(self, url: str) -> PacedSession:
        host = urlsplit(url).netloc
        if host not in self._sessions:
            self._sessions[host] = self.politeness.picture_session(url)
        return self._sessions[host]


class Folder:
    """Pictures that the operator holds: `{image_id}.jpg`, or another of `SUFFIXES`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def closed(self, work: Artwork) -> str:
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
            return stored(work, file.read_bytes())
        except OSError as error:
            message = f"{file.name} cannot be read ({error.strerror})"
            return Outcome(ImageStatus.FAILED, "unreadable", message)

    def absence(self, work: Artwork) -> str:
        return f"not in {self.path}: no {work.image_id}.jpg, .jpeg, .png or .webp"

    def _find(self, image_id: str) -> Path | None:
        # An id never leads out of the folder.
        if not _NAME.fullmatch(image_id):
            return None
        files = (self.path / f"{image_id}{suffix}" for suffix in SUFFIXES)
        return next((file for file in files if file.is_file()), None)


def breaker(url: str) -> CircuitBreaker:
    """Return the circuit breaker of the picture host of `url`, one for all processes."""
    wait = settings.AIC_BREAKER_WAIT
    if pacing.is_loopback(url) and wait == BREAKER_WAIT_SECONDS:
        wait = LOOPBACK_BREAKER_WAIT_SECONDS
    return CircuitBreaker(urlsplit(url).netloc, refusals=REFUSALS, wait=wait)


def stored(work: Artwork, data: bytes) -> Outcome:
    """Store the picture of `work` as it is, and make its features."""
    try:
        picture = decoding.decode(data)
        columns = {"image_sha256": storage.store(data), **features_of(work, picture)}
    except decoding.InvalidPictureError as error:
        return Outcome(ImageStatus.INVALID, "not-a-picture", str(error))
    return Outcome(ImageStatus.STORED, columns=columns)


def stored_for_the_web(work: Artwork, data: bytes, max_bytes: int = decoding.MAX_BYTES) -> Outcome:
    """Store the picture of `work` in a format that browsers show, and make its features."""
    try:
        return stored(work, decoding.to_web_format(data, max_bytes))
    except decoding.InvalidPictureError as error:
        return Outcome(ImageStatus.INVALID, "not-a-picture", str(error))


def features_of(work: Artwork, picture: Image.Image) -> dict[str, Any]:
    """Return the columns that are made from the picture itself."""
    columns: dict[str, Any] = {
        "phash": features.perceptual_hash(picture),
        "palette": features.palette(picture),
    }
    # The source's own placeholder is the better one: it is made from the whole picture.
    return columns if work.lqip else {**columns, "lqip": features.lqip(picture)}


def _outcome(error: SourceError) -> Outcome:
    status, refusal = ImageStatus.FAILED, "no answer"
    if isinstance(error, HttpError) and error.status in {404, 410}:
        status, refusal = ImageStatus.MISSING, ""
    elif isinstance(error, HttpError) and error.status in {401, 403}:
        status, refusal = ImageStatus.REFUSED, f"{error.status} challenge"
    elif isinstance(error, RateLimitedError):
        status, refusal = ImageStatus.REFUSED, "429 too many requests"
    elif isinstance(error, HttpError):
        refusal = f"{error.status} errors"
    elif isinstance(error, BadResponseError):
        status, refusal = ImageStatus.INVALID, "a page of HTML"
    elif error.code == "too-large":
        status, refusal = ImageStatus.INVALID, ""
    return Outcome(status, error.code, str(error), refusal, error.retry_after)
