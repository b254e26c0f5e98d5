"""Errors of the API as problem details (RFC 9457), each with what was wrong and the mend."""

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, UnreadablePostError
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
    match error:
        case Http404():
            error = Problem(HTTPStatus.NOT_FOUND, str(error) or "There is no such thing.")
        case PermissionDenied():
            error = Problem(HTTPStatus.FORBIDDEN, "This is not allowed.")
        case RequestDataTooBig():
            error = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.")
        case SuspiciousOperation() | UnreadablePostError():
            error = Problem(HTTPStatus.BAD_REQUEST, "The request cannot be read.")
    if not isinstance(error, APIException):
        return None
    body = _body(HTTPStatus(error.status_code), str(error.detail))
    if getattr(error, "errors", None):
        body["errors"] = error.errors  # type: ignore[attr-defined]
    headers = dict(getattr(error, "headers", None) or {})
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return _response(body, headers)


def internal() -> Response:
    """Return what is said of a mistake of ours: nothing that only the log should know."""
    return _response(
        _body(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here. It has been logged."),
        {},
    )


def _body(status: HTTPStatus, detail: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }


def _response(body: dict[str, Any], headers: Mapping[str, str]) -> Response:
    return Response(
        body,
        status=body["status"],
        headers={"Cache-Control": "no-store", **headers},
        content_type=ProblemRenderer.media_type,
    )
