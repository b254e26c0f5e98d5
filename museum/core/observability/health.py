"""Checks for whatever watches the process. Search adds its own and answers `/readyz`."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from museum.core.database import schema

logger = logging.getLogger(__name__)
OK = "ok"


class AliveMiddleware:
    """Answers `/healthz`: the process lives; nothing else is asked.

    It comes before the checks of host name and HTTPS, as a probe on the same machine has neither.
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
    """Whether the database answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        # The details may name hosts and users: they are for the log only.
        logger.exception("The database does not answer")
        return "the database does not answer"
    return OK


def migrations() -> str:
    """Whether every migration of this version is applied."""
    try:
        number = schema.missing()
    except DatabaseError:
        return "the database does not answer"
    return f"{number} not applied: run manage.py migrate" if number else OK
