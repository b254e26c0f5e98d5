"""Errors of the API as problem details (RFC 9457), each with what was wrong and the mend."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response


class ProblemRenderer(JSONRenderer):
    """JSON under the media type of problem details."""

    media_type = "application/problem+json"


class Problem(APIException):
    """An error that an API view raises to answer with a problem document.

    `errors` names each bad parameter with what is wrong with it, in sentences.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        errors: Mapping[str, Sequence[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status_code = status
        self.errors = errors
        self.headers = headers


def response(error: Exception) -> Response | None:
    """Return the problem document for `error`, or None if it is none that an API answers."""
    if not isinstance(error, APIException):
        return None
    status = HTTPStatus(error.status_code)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": str(error.detail),
    }
    if getattr(error, "errors", None):
        body["errors"] = error.errors  # type: ignore[attr-defined]
    return Response(
        body,
        status=status,
        headers=getattr(error, "headers", None),
        content_type=ProblemRenderer.media_type,
    )
