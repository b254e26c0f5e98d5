"""Texts in the admin: write and correct, approve and reject them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from museum.admin import bulk_actions
from museum.admin.history import VersionedAdmin
from museum.admin.large_lists import LargeListAdmin
from museum.admin.optimistic_lock import LockedAdmin
from museum.admin.review import ReviewView
from museum.admin_site import JOBS, Job
from museum.models import Description
from museum.review_queue import ReviewError, parse_text

Source = Description.Source
CURATOR_SOURCES = (Source.CURATOR, Source.CURATOR_ALT_TEXT)
READ_ONLY_FIELDS = ("html", "is_boilerplate", "reviewed_at", "created_at", "updated_at")


class DescriptionForm(forms.ModelForm):
    """A text, plain or as simple HTML; unsafe HTML is removed."""

    class Meta:
        model = Description
        fields = ["artwork", "source", "language", "text", "licence", "is_approved"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "text" in self.fields:
            self.initial["text"] = self.instance.html or self.instance.text
            self.fields[
                "text"
            ].help_text = "Plain text or simple HTML: paragraphs, emphasis, lists and links."
        if "source" in self.fields:
            self.fields["source"].choices = [(each.value, each.label) for each in CURATOR_SOURCES]  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        """Clean the HTML before it is stored."""
        try:
            text, self.instance.html = parse_text(self.cleaned_data["text"])
        except ReviewError as error:
            raise forms.ValidationError(str(error)) from error
        return text


@admin.register(Description)
class DescriptionAdmin(LargeListAdmin, LockedAdmin, VersionedAdmin):
    """All texts. Only curators' own can be edited; visitors see those before the source's."""

    form = DescriptionForm
    list_display = ["artwork", "source", "language", "start", "is_approved", "is_boilerplate"]
    list_filter = ["source", "is_approved", "is_boilerplate", "language"]
    list_select_related = ["artwork"]
    sortable_by = ()  # any column would sort every text
    search_fields = ["text"]  # see get_search_results
    search_help_text = "Search the text and the work's record, or enter an id or accession number."
    raw_id_fields = ["artwork"]
    actions = ["approve", "reject"]
    ordering = ["-pk"]

    def get_urls(self) -> list[URLPattern]:
        """Add the review queue."""
        view = self.admin_site.admin_view(ReviewView.as_view(model_admin=self))
        return [path("review/", view, name="museum_description_review"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Description]:
        """Defer the search documents, which are large and never shown."""
        texts = super().get_queryset(request)
        return texts.defer("search_document", "artwork__search_document")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Description], search_term: str
    ) -> tuple[QuerySet[Description], bool]:
        """Search with the full-text indexes."""
        term = search_term.strip()
        return (queryset.found_by(term) if term else queryset), False  # type: ignore[attr-defined]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Add the read-only fields to the form of an existing text."""
        return [*DescriptionForm.Meta.fields, *(READ_ONLY_FIELDS if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Make a source's text read-only; reviewers still decide whether it is shown."""
        read_only = [*READ_ONLY_FIELDS]
        if obj is not None:
            read_only += ["artwork", "source", "language"]
            read_only += [] if obj.source in CURATOR_SOURCES else ["text", "licence"]
        return read_only if self.has_review_permission(request) else [*read_only, "is_approved"]

    def has_review_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may approve and reject texts."""
        return request.user.has_perm("museum.review_description")

    @admin.display(description="text")
    def start(self, text: Description) -> str:
        """Return as much of the text as fits on a line."""
        return text.text[:80]

    def save_model(self, request: HttpRequest, obj: Description, form: Any, change: bool) -> None:
        """Count the text as reviewed: whoever saves it has read it."""
        obj.reviewed_at = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.action(description="Approve", permissions=["review"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Description]) -> None:
        """Show these texts to visitors."""
        self._decide(request, queryset, "Approved.", is_approved=True, is_boilerplate=False)

    @admin.action(description="Reject", permissions=["review"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Description]) -> None:
        """Show these texts to nobody."""
        self._decide(request, queryset, "Rejected.", is_approved=False)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Description], message: str, **fields: Any
    ) -> None:
        if not self.has_review_permission(request):
            raise PermissionDenied
        fields["reviewed_at"] = timezone.now()
        bulk_actions.update(self, request, queryset, message, **fields)


def review_job(request: HttpRequest) -> Job | None:
    """Return the job of reviewing texts, with their number, to a user who may do it."""
    if not request.user.has_perm("museum.review_description"):
        return None
    count = Description.objects.unreviewed().count()
    return Job("texts to review", reverse("admin:museum_description_review"), count)


JOBS.append(review_job)
