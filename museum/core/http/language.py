"""Which language a page speaks: the visitor's choice, else the browser's."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

# What programs read is the same in every language, and one copy of it may serve all of them.
FOR_PROGRAMS = ("/api/", "/iiif/", "/healthz", "/readyz")
PAGES = ("/api/docs",)


class PageLanguageMiddleware(LocaleMiddleware):
    """Django's own, for pages alone."""

    def __call__(self, request: HttpRequest) -> Any:
        """Answer in the language of the page, or in the site's own."""
        if request.path.startswith(FOR_PROGRAMS) and not request.path.startswith(PAGES):
            # A thread keeps the language of its last request.
            translation.activate(settings.LANGUAGE_CODE)
            return self.get_response(request)
        return super().__call__(request)
