"""Problem details for HTTP APIs (RFC 9457): how everything under `/api/` reports an error."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from django.http import HttpResponse, JsonResponse

MEDIA_TYPE = "application/problem+json"


def response(
    status: int,
    detail: str,
    errors: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a problem document; `errors` says of each invalid parameter what it should be."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        **({"errors": errors} if errors else {}),
    }
    return JsonResponse(
        body,
        status=status,
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
        json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
    )
