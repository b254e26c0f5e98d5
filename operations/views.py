"""`/metrics`, for Prometheus."""

import os
import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, CollectorRegistry, exposition, multiprocess

from operations.prometheus import StateCollector


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return all metrics to clients that send `METRICS_TOKEN`.

    Without that setting, a public site answers 404.
    """
    if not _is_allowed(request):
        raise Http404
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)
    else:
        registry.register(REGISTRY)
    registry.register(StateCollector())
    return HttpResponse(
        exposition.generate_latest(registry), content_type=exposition.CONTENT_TYPE_LATEST
    )


def _is_allowed(request: HttpRequest) -> bool:
    if not settings.METRICS_TOKEN:
        return not settings.IS_PUBLIC
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return secrets.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
