"""Activation and rollback in the admin: a confirmation page, then the switch."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from search.embeddings import activation, coverage, model_comparison, registry
from search.models import EmbeddingModel


class ActivationAdmin(admin.ModelAdmin):
    """Pages that switch the active model, for users who may change models."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages for activation and rollback."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/activate/", view(self.activate_one), name="search_activate"),
            path("rollback/", view(self.roll_back), name="search_rollback"),
            *super().get_urls(),
        ]

    def activate_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for confirmation, then activate the model on the terms of `manage.py activate`.

        A model still to be exported or indexed is refused: that command does both.
        """
        self._check_permission(request)
        model = get_object_or_404(EmbeddingModel, pk=pk)
        is_forced = "force" in request.POST
        try:
            activation.refuse_gaps(model, force=is_forced, count=coverage.recent_gaps)
            activation.refuse_unprepared(model)
            if request.method == "POST":
                return self._success(request, activation.switch(model, force=is_forced))
        except activation.ActivationRefusedError as error:
            return self._confirmation(request, model, refusal=str(error))
        except coverage.CountPendingError:
            if request.method == "POST":  # the count expired since the confirmation: ask again
                return redirect(request.path)
            return self._confirmation(request, model, is_being_counted=True)
        return self._confirmation(request, model)

    def roll_back(self, request: HttpRequest) -> HttpResponse:
        """Ask for confirmation, then reactivate the previous model."""
        self._check_permission(request)
        try:
            model = activation.previous()
            activation.refuse_unprepared(model)
            if request.method == "POST":
                return self._success(request, activation.rollback())
        except activation.ActivationRefusedError as error:
            self.message_user(request, f"The model was not changed: {error}.", messages.ERROR)
            return redirect("admin:search_embeddingmodel_changelist")
        return self._confirmation(request, model, is_rollback=True)

    def _check_permission(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied

    def _confirmation(
        self, request: HttpRequest, model: EmbeddingModel, **extra: Any
    ) -> HttpResponse:
        active = registry.active()
        comparison = model_comparison.compare(model, active) if active and active != model else None
        context = {
            **self.admin_site.each_context(request),
            "title": f"Activate {model}?",
            "opts": self.opts,
            "model": model,
            "active": active,
            "comparison": comparison,
            **extra,
        }
        return TemplateResponse(request, "admin/search/embeddingmodel/switch.html", context)

    def _success(self, request: HttpRequest, switch: activation.Switch) -> HttpResponse:
        self.log_change(request, switch.after, f"Activated. Previous model: {switch.before}.")
        self.message_user(request, f"{switch.after} is now active.", messages.SUCCESS)
        return redirect("admin:search_embeddingmodel_changelist")
