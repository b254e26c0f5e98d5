"""Refuses at once what would only wait, so that what is served stays quick.

A process works at `REQUESTS_AT_ONCE` requests (more would share the same processor), lets
`REQUESTS_WAITING` wait, and answers others with 503 and when to come back. It needs more threads
than both together (gunicorn.conf.py), or they would wait where nobody counts them.
"""

import threading
from collections import deque
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter

from museum.core.http.outage import unavailable

PATIENCE = 2.0  # seconds that a request waits at most
RETRY_SECONDS = 5
# Whoever watches must be answered above all when there is too much to do.
EXEMPT = {"/readyz", "/metrics"}
SHED = Counter("ekphrasis_shed", "Requests refused because too many were under way.")


class Turns:
    """Lets so many threads work at once; those that wait come in the order in which they came.

    Python's semaphores let a thread that has just come pass those that wait: with 16 clients the
    slowest in a hundred then waited five times as long as the average.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    def take(self, timeout: float) -> bool:
        """Wait for a turn; False if none came in `timeout` seconds."""
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(timeout):
            return True
        with self._lock:
            if turn.is_set():  # given in this very moment
                return True
            self._waiting.remove(turn)
            return False

    def give(self) -> None:
        """End a turn; the next who waits has it."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class OverloadMiddleware:
    """Lets in as many requests as can be answered soon."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.turns = Turns(settings.REQUESTS_AT_ONCE)
        self.room = threading.BoundedSemaphore(
            settings.REQUESTS_AT_ONCE + settings.REQUESTS_WAITING
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in EXEMPT:
            return self.get_response(request)
        if not self.room.acquire(blocking=False):
            return self._refuse(request)
        try:
            if not self.turns.take(PATIENCE):
                return self._refuse(request)
            try:
                return self.get_response(request)
            finally:
                self.turns.give()
        finally:
            self.room.release()

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        SHED.inc()
        return unavailable(request, RETRY_SECONDS)
