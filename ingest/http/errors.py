"""Errors of sources. `code` groups failures; `transient` ones are worth another try."""


class SourceError(Exception):
    """A source did not give what it was asked for; the message says what happened and what to do.

    `retry_after` is in seconds, where the source named a time.
    """

    def __init__(
        self, message: str, code: str, *, transient: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.transient, self.retry_after = code, transient, retry_after


class ContactMissingError(SourceError):
    """The museum asks crawlers to name a contact, and none is set."""


class SourceUnreachableError(SourceError):
    """No connection, a dropped one, or no answer in time."""


class RateLimitedError(SourceError):
    """429: too many requests."""


class HttpError(SourceError):
    """Any other status of 400 and above."""

    def __init__(self, message: str, status: int, *, retry_after: float | None = None) -> None:
        transient = status >= 500 or status == 408
        super().__init__(message, f"http-{status}", transient=transient, retry_after=retry_after)
        self.status = status


class BadResponseError(SourceError):
    """A 200 whose body is not what the source promises, such as a page of HTML."""
