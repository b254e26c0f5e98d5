"""The page about the collection, its search and its model."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from museum.core.http.rate_limits import throttled
from museum.models import Artwork, ImageStatus
from search.embeddings import registry
from search.pages import compare_models


@throttled
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the numbers of works, the model with its licence, and the limits of the search."""
    works = Artwork.objects.visible()
    counts = {
        "works": works.count(),
        "pictured": works.exclude(
            image_status__in=[ImageStatus.NONE, ImageStatus.MISSING, ImageStatus.INVALID]
        ).count(),
        "public_domain": works.filter(is_public_domain=True).count(),
        "on_view": works.filter(is_on_view=True).count(),
    }
    context = {
        "counts": counts,
        "model": registry.active(),
        "others": compare_models.models().count() > 1,
        "log_days": settings.QUERY_LOG and settings.QUERY_LOG_DAYS,
    }
    return render(request, "search/about.html", context)
