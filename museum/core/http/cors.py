"""Lets pages of any site read the API: it is public, and no cookie ever comes along.

Not django-cors-headers, which would let them read answers to POST, too, and adds `Vary: Origin`,
so that a proxy would keep one copy of a public answer for each site that asks.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

READING = ("GET", "HEAD", "OPTIONS")
EXPOSED = (
    "Content-Disposition", "ETag", "Ekphrasis-Licences", "Ekphrasis-Model", "Link", "RateLimit",
    "RateLimit-Policy", "Retry-After",
)  # fmt: skip
PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(READING),
    "Access-Control-Allow-Headers": "Accept, Authorization, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class CorsMiddleware:
    """Answers preflights under `/api/` and allows any origin to read, errors included.

    Credentials are not allowed, so browsers send no cookies; a token is sent on purpose.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/") or request.method not in READING:
            return self.get_response(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response = HttpResponse(status=204, headers=PREFLIGHT)
        else:
            response = self.get_response(request)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = ", ".join(EXPOSED)
        return response
