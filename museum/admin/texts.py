"""Texts in the admin: written and corrected, approved and rejected."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from museum.admin.history import VersionedAdmin
from museum.admin.large_lists import LargeListAdmin
from museum.admin.optimistic_lock import LockedAdmin
from museum.admin.review import ReviewView
from museum.admin_site import JOBS, Job
from museum.models import Description, history
from museum.review_queue import NotDecided, written

Source = Description.Source
OURS = (Source.CURATOR, Source.CURATOR_ALT_TEXT)
KNOWN = ("html", "is_boilerplate", "reviewed_at", "created_at", "updated_at")
MOST = 1_000


class DescriptionForm(forms.ModelForm):
    """A text as plain words or as simple HTML, of which nothing unsafe is kept."""

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
            self.fields["source"].choices = [(each.value, each.label) for each in OURS]  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        """Clean the HTML once, on the way in."""
        try:
            text, self.instance.html = written(self.cleaned_data["text"])
        except NotDecided as error:
            raise forms.ValidationError(str(error)) from error
        return text


@admin.register(Description)
class DescriptionAdmin(LargeListAdmin, LockedAdmin, VersionedAdmin):
    """Texts by what they say. Those of sources are theirs; a curator's own stand before them."""

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
        """Add the queue of what waits for a decision."""
        view = self.admin_site.admin_view(ReviewView.as_view(model_admin=self))
        return [path("review/", view, name="museum_description_review"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Description]:
        """Leave out the search documents, which are large and never shown."""
        texts = super().get_queryset(request)
        return texts.defer("search_document", "artwork__search_document")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Description], search_term: str
    ) -> tuple[QuerySet[Description], bool]:
        """Look words up in the indexes of full text."""
        term = search_term.strip()
        return (queryset.found_by(term) if term else queryset), False  # type: ignore[attr-defined]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what else is known of a text that is there."""
        return [*DescriptionForm.Meta.fields, *(KNOWN if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A source's words are the source's; whether they are shown is for us to say."""
        fixed = [*KNOWN]
        if obj is not None:
            fixed += ["artwork", "source", "language"]
            fixed += [] if obj.source in OURS else ["text", "licence"]
        return fixed if self.has_review_permission(request) else [*fixed, "is_approved"]

    def has_review_permission(self, request: HttpRequest) -> bool:
        """Whether texts may be approved and rejected."""
        return request.user.has_perm("museum.review_description")

    @admin.display(description="text")
    def start(self, text: Description) -> str:
        """As much of the text as fits on a line."""
        return text.text[:80]

    def save_model(self, request: HttpRequest, obj: Description, form: Any, change: bool) -> None:
        """Whoever saves has read it."""
        obj.reviewed_at = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.action(description="Approve", permissions=["review"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Description]) -> None:
        """Let visitors read these."""
        self._decide(request, queryset, "Approved.", is_approved=True, is_boilerplate=False)

    @admin.action(description="Reject", permissions=["review"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Description]) -> None:
        """Show these to nobody."""
        self._decide(request, queryset, "Rejected.", is_approved=False)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Description], said: str, **fields: Any
    ) -> None:
        if not self.has_review_permission(request):
            raise PermissionDenied
        if (number := queryset.count()) > MOST:
            mend = f"{number:,} texts are too many at once. Choose at most {MOST:,}."
            return self.message_user(request, mend, messages.ERROR)
        user: Any = request.user
        rows = Description.objects.filter(pk__in=queryset.order_by().values("pk"))
        now = timezone.now()
        rows = rows.defer("search_document")
        texts = history.update(rows, user, said, **fields, reviewed_at=now, updated_at=now)
        LogEntry.objects.log_actions(user.pk, texts, CHANGE, said)
        return self.message_user(request, f"{len(texts)}: {said}", messages.SUCCESS)


def to_review(request: HttpRequest) -> Job | None:
    """How many texts wait for somebody who may decide."""
    if not request.user.has_perm("museum.review_description"):
        return None
    count = Description.objects.unreviewed().count()
    return Job("texts to review", reverse("admin:museum_description_review"), count)


JOBS.append(to_review)
