"""Votes on two models in the admin: to read, not to change."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from museum.admin.large_lists import LargeListAdmin
from search.models import Vote


@admin.register(Vote)
class VoteAdmin(LargeListAdmin):
    """What visitors preferred, by query and pair of models."""

    list_display = ["query", "model_a", "model_b", "choice", "created_at"]
    list_filter = ["choice", "model_a", "model_b"]
    search_fields = ["query"]
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only visitors vote."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A vote is what was said."""
        return False
