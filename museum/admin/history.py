"""The history of a row, to be read."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin


class VersionedAdmin(SimpleHistoryAdmin):
    """Adds the versions of a row, without forms of old ones.

    Those save what is posted to them for whoever may look, past permissions and conflicts.
    """

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Have no such page."""
        raise Http404
