"""How a museum asks to be crawled: what every request to it keeps to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ingest.http import pacing
from ingest.http.pacing import Interval
from ingest.http.session import PacedSession
from ingest.http.user_agent import user_agent
from museum.images.decoding import MAX_BYTES

MAX_JSON_BYTES = 64 * 1024 * 1024
RETRY_WAIT_SECONDS, LOOPBACK_RETRY_WAIT_SECONDS = 1.0, 0.1  # before the second try


def _no_terms(url: str) -> None:
    """Allow every address."""


def _headers() -> dict[str, str]:
    return {"User-Agent": user_agent(), "Accept": "application/json, image/*"}


@dataclass(frozen=True)
class Politeness:
    """The pace, the patience and the manners of one museum's crawler.

    `requests` and `pictures` are the intervals between the starts of two requests to one host, of
    all processes together. `timeout` is seconds without a byte. `headers` go with every request.
    `check` is called with an address before the first request to it, and raises `SourceError`
    where the museum's terms are not met, such as a missing contact.
    """

    requests: Interval = pacing.DEFAULT_INTERVAL
    pictures: Interval = pacing.DEFAULT_INTERVAL
    timeout: float = 30.0
    headers: Mapping[str, str] = field(default_factory=_headers)
    check: Callable[[str], None] = _no_terms

    def request_session(self, url: str) -> PacedSession:
        """Return a session for the records at the host of `url`; raises `SourceError`."""
        return self._session(url, self.requests, MAX_JSON_BYTES)

    def picture_session(self, url: str) -> PacedSession:
        """Return a session for the pictures at the host of `url`; raises `SourceError`."""
        return self._session(url, self.pictures, MAX_BYTES)

    def _session(self, url: str, interval: Interval, max_bytes: int) -> PacedSession:
        self.check(url)
        is_loopback = pacing.is_loopback(url)
        return PacedSession(
            pacing.pacer(urlsplit(url).netloc, interval.seconds_for(url)),
            headers=self.headers,
            timeout=self.timeout,
            max_bytes=max_bytes,
            backoff=LOOPBACK_RETRY_WAIT_SECONDS if is_loopback else RETRY_WAIT_SECONDS,
        )
