"""Tokens of the API in the admin: made, shown once, revoked."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from search.api import tokens
from search.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Tokens of the API. The secret is shown once, in the answer that makes it."""

    list_display = ["name", "start", "created_at", "last_used_at", "revoked_at"]
    readonly_fields = ["start", "created_at", "last_used_at", "revoked_at"]
    search_fields = ["name", "start"]
    actions = ["revoke"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Ask for nothing but a name at first."""
        return self.readonly_fields if obj else []

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Show the rest once it is there."""
        return ["name", *self.get_readonly_fields(request, obj)]

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """Make a token with its secret; later, only its name changes."""
        if change:
            return super().save_model(request, obj, form, change)
        made, secret = tokens.issue(obj.name)
        # The admin goes on with the object that it made itself.
        obj.__dict__.update(made.__dict__)
        request.META["search.new_token"] = secret
        return None

    def response_add(
        self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret, in this answer alone: a message would keep it in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": "New token",
            "opts": self.opts,
            "token": obj,
            "secret": request.META["search.new_token"],
        }
        return render(request, "admin/search/apitoken/created.html", context)

    @admin.action(description="Revoke these tokens", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """Refuse the chosen tokens from now on; those revoked before keep their date."""
        number = queryset.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
        self.message_user(request, f"Revoked: {number}.")
