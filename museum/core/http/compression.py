"""Pages are sent compressed: a page of results is mostly the same words again and again."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageCompressionMiddleware(GZipMiddleware):
    """Django's own, against BREACH by a random length, for HTML alone.

    What programs read has strong ETags, which compression here would make weak.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress `response` if it is a page and the browser takes it so."""
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
