"""The history of a row in the admin, read-only."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin


class VersionedAdmin(SimpleHistoryAdmin):
    """Adds the list of a row's versions, without the forms of simple_history for old versions.

    Those forms let everyone who may view a row save it, without permission or conflict checks.
    """

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Answer 404: there are no such forms."""
        raise Http404
