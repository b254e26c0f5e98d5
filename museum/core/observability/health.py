"""Health checks. `AliveMiddleware` answers `/healthz`; the checks here are for `/readyz`."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from museum.core.database import schema

logger = logging.getLogger(__name__)
OK = "ok"


class AliveMiddleware:
    """Answers `/healthz`: the process is alive. It checks nothing else.

    It stands before the checks of host name and HTTPS, because a probe on the same machine has
    neither.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info != "/healthz":
            return self.get_response(request)
        return HttpResponse(
            "ok\n",
            content_type="text/plain; charset=utf-8",
            headers={"Cache-Control": "no-store"},
        )


def database() -> str:
    """Return `OK` if the database answers a query, or else what is wrong."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        # Only in the log: the details may name hosts and users.
        logger.exception("The database does not answer")
        return "the database does not answer"
    return OK


def migrations() -> str:
    """Return `OK` if every migration is applied, or else what to do."""
    try:
        number = schema.unapplied_count()
    except DatabaseError:
        return "the database does not answer"
    return f"{number} not applied: run manage.py migrate" if number else OK
