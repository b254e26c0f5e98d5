"""Errors of the API as problem details, each with what was wrong and how to fix it."""

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse, UnreadablePostError
from rest_framework.exceptions import APIException

from museum.core.http import problem_details


class Problem(APIException):
    """An error that an API view raises to answer with a problem document.

    `errors` says of each invalid parameter, in sentences, what it should be.
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


def response(error: Exception) -> HttpResponse | None:
    """Return the problem document for `error`, or None if it is none that an API answers."""
    match error:
        case Http404():
            error = Problem(HTTPStatus.NOT_FOUND, str(error) or "Nothing was found here.")
        case PermissionDenied():
            error = Problem(HTTPStatus.FORBIDDEN, "You do not have permission to do this.")
        case RequestDataTooBig():
            error = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request body is too large.")
        case SuspiciousOperation() | UnreadablePostError():
            error = Problem(HTTPStatus.BAD_REQUEST, "The request could not be read.")
    if not isinstance(error, APIException):
        return None
    headers = dict(getattr(error, "headers", None) or {})
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    errors = getattr(error, "errors", None)
    return problem_details.response(error.status_code, str(error.detail), errors, headers)


def internal() -> HttpResponse:
    """Return what is said of a mistake of ours: nothing that only the log should know."""
    return problem_details.response(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong. The error has been logged."
    )
