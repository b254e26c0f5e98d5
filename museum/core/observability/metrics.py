"""What Prometheus is told of requests and of the parts of a search.

With several web processes each writes into files of its own, and `/metrics` adds them up
(`gunicorn.conf.py` names their folder). What the database and Redis know is in `operations`.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

from museum.core.observability import request_ids

logger = logging.getLogger(__name__)
SLOW = 1.0  # seconds; such requests are named in the log
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter(
    "ekphrasis_requests", "Answers by view, method and status.", ["view", "method", "status"]
)
SECONDS = Histogram(
    "ekphrasis_request_seconds", "Time to an answer.", ["view"], buckets=LATENCY_BUCKETS
)


class RequestMiddleware:
    """Gives each request its id, counts and times it, and logs those that take long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        found = request_ids.begin(request.headers.get("X-Request-ID", ""))
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = found
            self._count(request, response.status_code, time.perf_counter() - began)
        finally:
            request_ids.end()
        return response

    def _count(self, request: HttpRequest, status: int, seconds: float) -> None:
        view = _view(request)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(view, method, str(status)).inc()
        SECONDS.labels(view).observe(seconds)
        if seconds >= SLOW:
            logger.warning(
                "event=slow-request view=%s status=%s seconds=%.2f", view, status, seconds
            )


def _view(request: HttpRequest) -> str:
    # The name of the view, not the address: there are ever more addresses.
    if request.resolver_match is not None:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"
