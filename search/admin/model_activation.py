"""Activation and rollback in the admin: first what would happen, then a button that does it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from search.embeddings import activation, coverage, model_comparison, registry
from search.models import EmbeddingModel


class SwitchingAdmin(admin.ModelAdmin):
    """Which model answers is changed by a POST of whoever may change models."""

    def get_urls(self) -> list[URLPattern]:
        """Add both pages."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/activate/", view(self.activate_one), name="search_activate"),
            path("rollback/", view(self.roll_back), name="search_rollback"),
            *super().get_urls(),
        ]

    def activate_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then let the model answer, if `manage.py activate` would.

        Exporting and indexing, where they are still to be done, are left to that command.
        """
        self._check(request)
        model = get_object_or_404(EmbeddingModel, pk=pk)
        is_forced = "force" in request.POST
        try:
            activation.refuse_gaps(model, force=is_forced, count=coverage.recent_gaps)
            activation.refuse_unprepared(model)
            if request.method == "POST":
                return self._switched(request, activation.switch(model, force=is_forced))
        except activation.ActivationRefusedError as error:
            return self._ask(request, model, refusal=str(error))
        except coverage.CountPendingError:
            if request.method == "POST":  # too late after it was asked: ask again
                return redirect(request.path)
            return self._ask(request, model, is_being_counted=True)
        return self._ask(request, model)

    def roll_back(self, request: HttpRequest) -> HttpResponse:
        """Ask, then let the model answer that did before."""
        self._check(request)
        try:
            model = activation.previous()
            activation.refuse_unprepared(model)
            if request.method == "POST":
                return self._switched(request, activation.rollback())
        except activation.ActivationRefusedError as error:
            self.message_user(request, f"The model was not changed: {error}.", messages.ERROR)
            return redirect("admin:search_embeddingmodel_changelist")
        return self._ask(request, model, is_rollback=True)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied

    def _ask(self, request: HttpRequest, model: EmbeddingModel, **more: Any) -> HttpResponse:
        active = registry.active()
        compared = model_comparison.compare(model, active) if active and active != model else None
        context = {
            **self.admin_site.each_context(request),
            "title": f"Activate {model}?",
            "opts": self.opts,
            "model": model,
            "active": active,
            "compared": compared,
            **more,
        }
        return TemplateResponse(request, "admin/search/embeddingmodel/switch.html", context)

    def _switched(self, request: HttpRequest, switch: activation.Switch) -> HttpResponse:
        self.log_change(request, switch.after, f"Activated. Previous model: {switch.before}.")
        self.message_user(request, f"{switch.after} is now active.", messages.SUCCESS)
        return redirect("admin:search_embeddingmodel_changelist")
