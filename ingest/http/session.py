"""An HTTP session with a pace, retries and limits."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import requests

from ingest.http.errors import (
    BadResponseError,
    HttpError,
    RateLimitedError,
    SourceError,
    SourceUnreachableError,
)
from ingest.http.pacing import Pacer
from museum.core.backoff import backoff_seconds

T = TypeVar("T")
MAX_TRIES = 5
MAX_WAIT_SECONDS = 120.0  # a host that asks for a longer wait is left to a later run
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Reply:
    """A response with status 200: its URL, content type without parameters, and whole body."""

    url: str
    content_type: str
    body: bytes


class PacedSession:
    """GET requests with a pace, timeouts, a size limit, and a few retries, ever further apart.

    Retried are 429 and 5xx (after `Retry-After` where given), dropped connections, bodies that end
    early, and whatever `parse` calls transient. `timeout` is in seconds without a byte; a whole
    answer may take four times as long. `backoff` is in seconds before the second try; it doubles
    with each try, with jitter.
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
        """Return what `parse` makes of the answer; raises `SourceError` after the last try."""
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

    def get_json(self, url: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON at `url`; raises `SourceError`."""
        return self.get(url, json_body, params)

    def _wait(self, number: int, retry_after: float | None) -> float:
        return max(backoff_seconds(number, first=self.backoff, jitter=0.5), retry_after or 0.0)

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


def json_body(reply: Reply) -> Any:
    """Return what the answer's JSON holds; raises `BadResponseError`."""
    if is_html(reply):
        raise BadResponseError(
            f"{reply.url} sent a page of HTML instead of JSON: is this the API's address, or "
            "does something stand in the way (a proxy, a login page)?",
            "html",
            transient=True,
        )
    try:
        return json.loads(reply.body)
    except ValueError as error:
        message = f"{reply.url} sent no JSON ({error})"
        raise BadResponseError(message, "not-json", transient=True) from error


def picture_body(reply: Reply) -> bytes:
    """Return the answer's bytes unless they are HTML; whether they are a picture is not yet known.

    A challenge page is an answer: asking again at once would be hammering, so it is not transient.
    """
    if is_html(reply):
        raise BadResponseError(f"{reply.url} sent a page of HTML instead of a picture", "html")
    return reply.body


def is_html(reply: Reply) -> bool:
    """Tell whether the answer is a web page, whatever it claims to be."""
    start = reply.body[:200].lstrip().lower()
    return reply.content_type == "text/html" or start.startswith((b"<!doctype", b"<html"))


def _http_error(response: requests.Response) -> SourceError:
    wait = retry_after(response.headers.get("Retry-After"))
    if response.status_code == 429:
        request = f", and said to wait {wait:.0f} s" if wait else ""
        message = f"{response.url} answered 429: too many requests{request}"
        return RateLimitedError(message, "http-429", transient=True, retry_after=wait)
    message = f"{response.url} answered {response.status_code} {response.reason}{_detail(response)}"
    return HttpError(message, response.status_code, retry_after=wait)


def _detail(response: requests.Response) -> str:
    """Return the `detail` of an error that is explained in JSON, as AIC does; else ""."""
    if "json" not in response.headers.get("Content-Type", ""):
        return ""
    try:
        error = response.json()
    except requests.RequestException:
        return ""
    detail = error.get("detail") if isinstance(error, dict) else None
    return f": {str(detail)[:200]}" if detail else ""


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for; it holds a number or a date."""
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
    """Return in a few words what went wrong, from errors that libraries wrap in each other."""
    if isinstance(error, requests.Timeout):
        return "no whole answer in time"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        inner = getattr(cause, "reason", None) or (cause.args[0] if cause.args else None)
        cause = inner if isinstance(inner, BaseException) else cause.__cause__ or cause.__context__
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the answer ended early"
    return type(error).__name__
