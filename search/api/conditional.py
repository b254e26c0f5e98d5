"""Answers that a client may keep, and need not be sent again if they are still the same."""

import hashlib
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from rest_framework.request import Request

from search.api.problems import Problem


def conditional(
    request: Request, response: HttpResponse, content: Mapping[str, Any] | bytes
) -> HttpResponse:
    """Return `response` with an ETag over its `content`, or a 304 if the client has it already.

    The tag is of the answer itself (not of the seconds it took, hence a weak one): a new model, a
    changed record and a changed ranking all change it, and nothing else does. Raises `Problem` for
    an `If-Match` that names another answer.
    """
    patch_vary_headers(response, ["Accept"])
    if request.method not in {"GET", "HEAD"}:
        return response
    if not isinstance(content, bytes):
        content = json.dumps(content, sort_keys=True, default=str).encode()
    etag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
    patch_cache_control(response, public=True, max_age=settings.API_CACHE_SECONDS)
    response["ETag"] = etag
    answer = get_conditional_response(request._request, etag=etag, response=response)
    if answer is None or answer.status_code == HTTPStatus.PRECONDITION_FAILED:
        raise Problem(HTTPStatus.PRECONDITION_FAILED, "The answer is another one by now.")
    return answer
