"""Deprecated parameters: they still work, and answers announce their end."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import http_date
from rest_framework.request import Request

from search.query.facets import OLD_NAMES

DEPRECATED_AT = datetime(2026, 12, 1, tzinfo=UTC)  # version 0.2.0
SUNSET_AT = datetime(2027, 6, 1, tzinfo=UTC)  # no earlier than version 0.3.0


def note(request: Request, parameters: Iterable[str]) -> None:
    """Remember whether one of `parameters` is deprecated."""
    request.is_deprecated = not OLD_NAMES.keys().isdisjoint(parameters)  # type: ignore[attr-defined]


def announce(request: Request, response: HttpResponse) -> None:
    """Add `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link to the documentation to the
    answer to a request that was noted."""
    if not getattr(request, "is_deprecated", False):
        return
    response["Deprecation"] = f"@{int(DEPRECATED_AT.timestamp())}"
    response["Sunset"] = http_date(SUNSET_AT.timestamp())
    docs = f'<{request.build_absolute_uri(reverse("api-docs"))}>; rel="deprecation"'
    response["Link"] = f"{response['Link']}, {docs}" if "Link" in response else docs
