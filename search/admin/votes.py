"""Votes on two models in the admin, read-only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from museum.admin.large_lists import LargeListAdmin
from search.models import Vote


@admin.register(Vote)
class VoteAdmin(LargeListAdmin):
    """Votes of visitors, by query and pair of models."""

    list_display = ["query", "model_a", "model_b", "choice", "created_at"]
    list_filter = ["choice", "model_a", "model_b"]
    search_fields = ["query"]
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: only visitors vote."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: votes are not edited."""
        return False
