"""What a change in the admin would do to searches, shown before it is saved."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import AdminErrorList
from django.core.exceptions import PermissionDenied
from django.forms import BaseInlineFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from search.engine import search
from search.query.query import Query

WORKS = 12

Answers = Sequence[tuple[str, Query]]


class PreviewedAdmin(admin.ModelAdmin):
    """A form with the button "Preview": the same form, answered with works and saved nowhere."""

    change_form_template = "admin/search/previewed/change_form.html"

    @abstractmethod
    def searches(self, form: ModelForm, formsets: Sequence[BaseInlineFormSet]) -> Answers:
        """Return the searches to show for a valid form, each under a heading."""

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of previews: of a new row, and of one that is there."""
        view, name = self.admin_site.admin_view(self.preview), self._preview_name()
        return [
            path("add/preview/", view, name=name),
            path("<path:object_id>/preview/", view, name=name),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """Show what would be found if the form that was sent were saved."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.get_object(request, object_id) if object_id else None
        if object_id and row is None:
            raise Http404
        may_change = self.has_change_permission(request, row)
        if not (may_change if row else self.has_add_permission(request)):
            raise PermissionDenied
        form = self.get_form(request, row, change=row is not None)(request.POST, instance=row)
        form.full_clean()
        formsets = [
            formset(request.POST, instance=form.instance, queryset=inline.get_queryset(request))
            for formset, inline in self.get_formsets_with_inlines(request, row)
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": "Preview (not saved yet)",
            "opts": self.opts,
        }
        if form.is_valid() and all(formset.is_valid() for formset in formsets):
            context["answers"] = [
                (heading, query, search.search(query))
                for heading, query in self.searches(form, formsets)
            ]
        else:
            context["errors"] = AdminErrorList(form, formsets)
        return TemplateResponse(request, "admin/search/previewed/preview.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Say where the preview is."""
        arguments = [object_id] if object_id else []
        preview = {"preview_url": reverse(f"admin:{self._preview_name()}", args=arguments)}
        return super().changeform_view(
            request, object_id, form_url, {**preview, **(extra_context or {})}
        )

    def _preview_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_preview"
