"""Answer 503 when the database or Redis does not answer, or migrations are not applied.

A visitor must never see "no results" or a broken page instead.
"""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from redis.exceptions import RedisError

from museum.core.database import schema
from museum.core.http import problem_details

logger = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 30
MESSAGE = "Search is not available right now. Please try again in a moment."


def cause(error: Exception) -> str | None:
    """Return why the site cannot answer; None where `error` is not an outage but a bug."""
    if isinstance(error, (OperationalError, InterfaceError, RedisError)):
        return str(error)
    return schema.explanation(error)


def unavailable(request: HttpRequest, seconds: int = RETRY_AFTER_SECONDS) -> HttpResponse:
    """Return the 503 answer; it needs neither the database nor the cache nor a session."""
    if request.path.startswith("/api/"):
        response = problem_details.response(503, MESSAGE)
    else:
        # Without the request no context processor runs, so this cannot fail as well.
        page = render_to_string("503.html", {"message": MESSAGE, "q": request.GET.get("q", "")})
        response = HttpResponse(page, status=503)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response


class OutageMiddleware:
    """Answers 503 where a view fails because the database or Redis does not answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the 503 answer for an outage; None for any other error."""
        reason = cause(error)
        if reason is None:
            return None
        logger.error("Outage at %s: %s", request.path, reason)
        return unavailable(request)
