"""The recall probes in the admin, read-only."""

from django.contrib import admin
from django.http import HttpRequest

from operations.models import RecallProbe


@admin.register(RecallProbe)
class RecallProbeAdmin(admin.ModelAdmin):
    """Recall over time, newest first."""

    list_display = ["taken_at", "model", "kind", "recall", "queries", "index_ms", "exact_ms"]
    list_filter = ["kind", "model"]
    list_select_related = ["model"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only the probe itself adds rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Measurements are never changed."""
        return False
