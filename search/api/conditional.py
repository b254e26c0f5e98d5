"""Answers that a client may keep, and need not be sent again if they are still the same."""

import hashlib
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.request import Request


def conditional(
    request: Request, response: HttpResponse, said: Mapping[str, Any] | bytes
) -> HttpResponse:
    """Return `response` with an ETag over what is `said`, or a 304 if the client has it already.

    The tag is of the answer itself (not of the seconds it took, hence a weak one): a new model, a
    changed record and a changed ranking all change it, and nothing else does.
    """
    if not isinstance(said, bytes):
        said = json.dumps(said, sort_keys=True, default=str).encode()
    etag = f'W/"{hashlib.sha256(said).hexdigest()[:32]}"'
    if request.method in {"GET", "HEAD"}:
        given = parse_etags(request.headers.get("If-None-Match", ""))
        if given == ["*"] or etag in {f"W/{tag.removeprefix('W/')}" for tag in given}:
            response = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
        patch_cache_control(response, public=True, max_age=settings.API_CACHE_SECONDS)
        response["ETag"] = etag
    patch_vary_headers(response, ["Accept"])
    return response
