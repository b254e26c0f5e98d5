"""Conditional responses: ETag, `Cache-Control`, and 304 for an unchanged answer."""

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

    The ETag is weak, since it leaves out the seconds that the request took; a new model, a changed
    record or a changed ranking changes it. Raises `Problem` (412) if `If-Match` names another one.
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
