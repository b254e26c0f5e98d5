"""Choose the language of a page: the visitor's choice, or else the browser's."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

# Answers for programs are the same in every language, so that a proxy may keep one copy.
UNTRANSLATED_PREFIXES = ("/api/", "/iiif/", "/healthz", "/readyz")
TRANSLATED_PREFIXES = ("/api/docs",)  # pages among those


class PageLanguageMiddleware(LocaleMiddleware):
    """Django's locale middleware, for pages only."""

    def __call__(self, request: HttpRequest) -> Any:
        """Activate the visitor's language for a page, the site's own language for anything else."""
        is_page = request.path.startswith(TRANSLATED_PREFIXES)
        if request.path.startswith(UNTRANSLATED_PREFIXES) and not is_page:
            # Otherwise the thread would keep the language of its last request.
            translation.activate(settings.LANGUAGE_CODE)
            return self.get_response(request)
        return super().__call__(request)
