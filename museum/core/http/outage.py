"""What a visitor is told when the database or the cache does not answer, or the database has not
been migrated: status 503, never "no results" and never a broken page.
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
RETRY_SECONDS = 30
MESSAGE = "Search is not available right now. Please try again in a moment."


def cause(error: Exception) -> str | None:
    """Return why the site cannot answer, None where `error` is no outage but a mistake of ours."""
    if isinstance(error, (OperationalError, InterfaceError, RedisError)):
        return str(error)
    return schema.explanation(error)


def unavailable(request: HttpRequest, seconds: int = RETRY_SECONDS) -> HttpResponse:
    """The answer during an outage; it needs neither database nor cache nor session."""
    if request.path.startswith("/api/"):
        response = problem_details.response(503, MESSAGE)
    else:
        # Without the request no context processor runs, so nothing here can fail as well.
        page = render_to_string("503.html", {"message": MESSAGE, "q": request.GET.get("q", "")})
        response = HttpResponse(page, status=503)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response


class OutageMiddleware:
    """Turns a lost database or cache into the 503 page, wherever in a view it is noticed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for the exceptions that mean an outage; all others stay errors."""
        why = cause(error)
        if why is None:
            return None
        logger.error("Outage at %s: %s", request.path, why)
        return unavailable(request)
