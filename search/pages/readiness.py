"""`/readyz`: whether this process can answer a search."""

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from museum.core.observability import health
from search.embeddings import registry


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Return each check with its outcome; status 503 unless all pass."""
    checks = {"database": health.database()}
    if checks["database"] == health.OK:
        checks |= {"migrations": health.migrations(), "model": _model()}
    is_ready = all(outcome == health.OK for outcome in checks.values())
    return JsonResponse({"ready": is_ready, "checks": checks}, status=200 if is_ready else 503)


def _model() -> str:
    try:
        return health.OK if registry.active() else "no model is active: run manage.py embed"
    except DatabaseError:  # its table comes with a migration that is not applied
        return "unknown"
