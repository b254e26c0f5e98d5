"""What a source can fail with. `code` groups failures; `transient` ones are worth another try."""


class SourceError(Exception):
    """A source did not give what was asked; the message says what happened and the mend."""

    def __init__(
        self, message: str, code: str, *, transient: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.transient, self.retry_after = code, transient, retry_after


class ContactMissing(SourceError):  # noqa: N818
    """AIC asks crawlers to name a contact, and none is set."""


class SourceUnreachable(SourceError):  # noqa: N818
    """No connection, a dropped one, or no answer in time."""


class RateLimited(SourceError):  # noqa: N818
    """429: too many requests; `retry_after` is in seconds where the source said so."""


class HttpError(SourceError):
    """Any other answer of 400 and above."""

    def __init__(self, message: str, status: int, *, retry_after: float | None = None) -> None:
        transient = status >= 500 or status == 408
        super().__init__(message, f"http-{status}", transient=transient, retry_after=retry_after)
        self.status = status


class BadResponse(SourceError):  # noqa: N818
    """A 200 whose body is not what the source promises, such as a page of HTML."""
