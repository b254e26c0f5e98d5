"""Refuses at once what would only wait, so that what is served stays quick.

A process works at `REQUESTS_AT_ONCE` requests (more would share the same processor), lets
`REQUESTS_WAITING` wait, and answers others with 503 and when to come back. It needs more threads
than both together (gunicorn.conf.py), or they would wait where nobody counts them.
"""

import threading
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter

from museum.outage import unavailable

PATIENCE = 2.0  # seconds that a request waits at most
RETRY_SECONDS = 5
# Whoever watches must be answered above all when there is too much to do.
EXEMPT = {"/readyz", "/metrics"}
SHED = Counter("ekphrasis_shed", "Requests refused because too many were under way.")


class OverloadMiddleware:
    """Lets in as many requests as can be answered soon."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.work = threading.BoundedSemaphore(settings.REQUESTS_AT_ONCE)
        self.room = threading.BoundedSemaphore(
            settings.REQUESTS_AT_ONCE + settings.REQUESTS_WAITING
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in EXEMPT:
            return self.get_response(request)
        if not self.room.acquire(blocking=False):
            return self._refuse(request)
        try:
            if not self.work.acquire(timeout=PATIENCE):
                return self._refuse(request)
            try:
                return self.get_response(request)
            finally:
                self.work.release()
        finally:
            self.room.release()

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        SHED.inc()
        return unavailable(request, RETRY_SECONDS)
