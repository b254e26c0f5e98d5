"""One HTTP session that keeps its pace, its patience and its limits."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import requests

from ingest.http.errors import HttpError, RateLimitedError, SourceError, SourceUnreachableError
from ingest.http.pacing import Pacer

T = TypeVar("T")
MAX_TRIES = 5
MAX_WAIT_SECONDS = 120.0  # seconds; whoever asks for more patience is asked again another day
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Reply:
    """A 200: where it came from, its content type without parameters, and its whole body."""

    url: str
    content_type: str
    body: bytes


class PacedSession:
    """GET with a pace, timeouts, a size limit, and tries that are few and ever further apart.

    Tried again: 429 and 5xx (after `Retry-After` where given), dropped connections, bodies that
    end early, and whatever `parse` calls transient. `timeout` is seconds without a byte, and a
    whole answer may take four times as long. `backoff` is the seconds before the second try; it
    doubles with each, with jitter.
    """

    def __init__(
        self,
        pacer: Pacer,
        *,
        headers: Mapping[str, str],
        timeout: float,
        max_bytes: int,
        backoff: float = 1.0,
        tries: int = MAX_TRIES,
    ) -> None:
        self.pacer, self.timeout, self.max_bytes = pacer, timeout, max_bytes
        self.backoff, self.tries = backoff, tries
        self._session = requests.Session()
        self._session.headers.update(headers)

    def get(
        self, url: str, parse: Callable[[Reply], T], params: Mapping[str, Any] | None = None
    ) -> T:
        """Return `parse` of the answer; raises `SourceError` once trying again is no use."""
        for number in range(1, self.tries + 1):
            self.pacer.wait()
            try:
                return parse(self._once(url, params))
            except SourceError as error:
                wait = self._wait(number, error.retry_after)
                if not error.transient or number == self.tries or wait > MAX_WAIT_SECONDS:
                    raise
                time.sleep(wait)
        raise AssertionError("unreachable")

    def _wait(self, number: int, retry_after: float | None) -> float:
        backoff = self.backoff * 2 ** (number - 1)
        jittered = backoff * random.uniform(0.5, 1.5)  # noqa: S311 - spreads clients, no secret
        return max(jittered, retry_after or 0.0)

    def _once(self, url: str, params: Mapping[str, Any] | None) -> Reply:
        deadline = time.monotonic() + 4 * self.timeout
        try:
            with self._session.get(
                url, params=params, timeout=(min(10.0, self.timeout), self.timeout), stream=True
            ) as response:
                if response.status_code != 200:
                    raise _http_error(response)
                body = self._read(response, deadline)
        except requests.RequestException as error:
            why = _reason(error)
            raise SourceUnreachableError(
                f"{url} cannot be reached ({why})", "unreachable", transient=True
            ) from error
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Reply(response.url, content_type, body)

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(CHUNK_BYTES):
            body += chunk
            if len(body) > self.max_bytes:
                limit = f"more than the {self.max_bytes} bytes allowed"
                raise SourceError(f"{response.url} sent {limit}", "too-large")
            if time.monotonic() > deadline:
                raise requests.Timeout("the answer came too slowly")
        return bytes(body)


def _http_error(response: requests.Response) -> SourceError:
    wait = retry_after(response.headers.get("Retry-After"))
    if response.status_code == 429:
        said = f", and said to wait {wait:.0f} s" if wait else ""
        message = f"{response.url} answered 429: too many requests{said}"
        return RateLimitedError(message, "http-429", transient=True, retry_after=wait)
    message = f"{response.url} answered {response.status_code} {response.reason}{_detail(response)}"
    return HttpError(message, response.status_code, retry_after=wait)


def _detail(response: requests.Response) -> str:
    """AIC explains its errors in JSON; pages of HTML are left out."""
    if "json" not in response.headers.get("Content-Type", ""):
        return ""
    try:
        error = response.json()
    except requests.RequestException:
        return ""
    detail = error.get("detail") if isinstance(error, dict) else None
    return f": {str(detail)[:200]}" if detail else ""


def retry_after(value: str | None) -> float | None:
    """Seconds that a `Retry-After` header asks for; it holds a number or a date."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _reason(error: requests.RequestException) -> str:
    """What went wrong, in a few words, out of the errors that libraries wrap into each other."""
    if isinstance(error, requests.Timeout):
        return "no whole answer in time"
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.strerror:
            return found.strerror
        inner = getattr(found, "reason", None) or (found.args[0] if found.args else None)
        found = inner if isinstance(inner, BaseException) else found.__cause__ or found.__context__
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the answer ended early"
    return type(error).__name__
