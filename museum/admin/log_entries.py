"""The audit trail of the admin, read-only."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest

from museum.admin.large_lists import LargeListAdmin


@admin.register(LogEntry)
class LogEntryAdmin(LargeListAdmin):
    """Every action on a row; nobody can add, change or delete entries here."""

    list_display = ["action_time", "user", "content_type", "object_repr", "get_change_message"]
    list_filter = ["action_flag", "user"]
    list_select_related = ["user", "content_type"]
    search_fields = ["object_repr", "change_message"]
    ordering = ["-pk"]  # times have no index
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
