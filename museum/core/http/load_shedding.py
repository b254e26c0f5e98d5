"""Load shedding: refuse requests that would wait too long, so that the others are answered fast.

A process works at `REQUESTS_AT_ONCE` requests (more would share the same processor), lets
`REQUESTS_WAITING` wait, and answers others with 503 and `Retry-After`. It needs more threads than
both together (gunicorn.conf.py), or requests would wait in gunicorn's queue, where they are not
counted.
"""

import threading
from collections import deque
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter

from museum.core.http.outage import unavailable

MAX_WAIT_SECONDS = 2.0  # of one request
RETRY_AFTER_SECONDS = 5
# Monitoring must be answered most of all when the site is overloaded.
EXEMPT_PATHS = {"/readyz", "/metrics"}
SHED = Counter("ekphrasis_shed", "Requests refused because of overload.")


class FairSemaphore:
    """A semaphore that threads acquire in the order in which they arrived.

    Python's semaphores let a new thread overtake the waiting ones: with 16 clients the slowest 1 %
    then waited five times as long as the average.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    def acquire(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for a place; return whether there was one."""
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return True
            place = threading.Event()
            self._waiting.append(place)
        if place.wait(timeout):
            return True
        with self._lock:
            if place.is_set():  # given after the wait timed out
                return True
            self._waiting.remove(place)
            return False

    def release(self) -> None:
        """Give the place to the next thread that waits."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class OverloadMiddleware:
    """Admits as many requests as can be answered soon, and refuses the others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.workers = FairSemaphore(settings.REQUESTS_AT_ONCE)
        self.admission = threading.BoundedSemaphore(
            settings.REQUESTS_AT_ONCE + settings.REQUESTS_WAITING
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in EXEMPT_PATHS:
            return self.get_response(request)
        if not self.admission.acquire(blocking=False):
            return self._refuse(request)
        try:
            if not self.workers.acquire(MAX_WAIT_SECONDS):
                return self._refuse(request)
            try:
                return self.get_response(request)
            finally:
                self.workers.release()
        finally:
            self.admission.release()

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        SHED.inc()
        return unavailable(request, RETRY_AFTER_SECONDS)
