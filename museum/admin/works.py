"""Works in the admin: find, correct, hide and boost them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.core.exceptions import PermissionDenied
from django.db.models import Field, QuerySet, TextField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString

from museum.admin import bulk_actions
from museum.admin.filters import AltTextFilter, CorrectedFilter
from museum.admin.history import VersionedAdmin
from museum.admin.large_lists import LargeListAdmin
from museum.admin.optimistic_lock import LockedAdmin
from museum.admin.provenance import texts_of
from museum.admin.thumbnails import thumbnail
from museum.models import MAX_THEME_WORKS, Artist, Artwork, curated_fields


@admin.register(Artist)
class ArtistAdmin(LargeListAdmin, LockedAdmin, VersionedAdmin):
    """Artists, searched by name or by AIC's agent id."""

    list_display = ["name", "artic_id"]
    search_fields = ["name", "=artic_id"]
    fields = ["name", "artic_id", "is_corrected"]

    def save_model(self, request: HttpRequest, obj: Artist, form: Any, change: bool) -> None:
        """Keep a name that was changed here from later imports, unless the box is unticked."""
        if "name" in form.changed_data:
            obj.is_corrected = True
        super().save_model(request, obj, form, change)


class BoostForm(ActionForm):
    """The actions of the list, with a field for the action that sets the boost."""

    boost = forms.CharField(
        required=False,
        label="by",
        widget=forms.NumberInput(attrs={"step": "0.1", "min": -1, "max": 1}),
    )


@admin.register(Artwork)
class ArtworkAdmin(LargeListAdmin, LockedAdmin, VersionedAdmin):
    """Works; what curators decide about them comes first.

    Other apps subclass this to add actions, filters and another way to search.
    """

    finds_by_meaning = False

    list_display = [
        "thumbnail",
        "title",
        "artist",
        "artic_id",
        "status",
        "is_hidden",
        "boost",
    ]
    list_display_links = ["title"]
    list_filter = [
        "is_hidden", "image_status", AltTextFilter, CorrectedFilter, "is_generated",
    ]  # fmt: skip
    list_select_related = ["artist"]
    sortable_by = ["artic_id"]  # sorting by any other column would read every work
    search_fields = ["title"]  # see get_search_results
    search_help_text = (
        "Search the record, the texts and the artist's name, or enter an id or accession number."
    )
    raw_id_fields = ["artist"]
    change_form_template = "admin/museum/artwork/change_form.html"
    action_form = BoostForm
    actions = ["hide", "show", "set_boost", "make_theme", "forget_corrections"]
    # The array fields are read-only: their form field splits at commas, "Chicago, Illinois" in two.
    readonly_fields = [
        "picture", "texts", "curated_fields", "alt_titles", "classification_titles",
        "style_titles", "subject_titles", "material_titles", "technique_titles", "term_titles",
        "category_titles", "is_public_domain", "is_on_view", "gallery_title", "image_status",
        "image_reason", "image_id", "iiif_url", "image_url", "image_width", "image_height",
        "artic_id", "source", "is_generated", "image_sha256", "image_checked_at", "record_hash",
        "source_updated_at", "created_at", "updated_at", "withdrawn_at",
    ]  # fmt: skip
    fieldsets = [
        ("Curation", {"fields": ["picture", "is_hidden", "boost", "texts"]}),
        (
            "Record",
            {
                "description": "These fields come from the source. Later imports keep your "
                "corrections here; the fields further down always follow the source.",
                "fields": [*curated_fields.FIELDS, "curated_fields"],
            },
        ),
        (
            "From the source",
            {
                "fields": [
                    "alt_titles", "classification_titles", "style_titles", "subject_titles",
                    "material_titles", "technique_titles", "term_titles", "category_titles",
                    "is_public_domain", "is_on_view", "gallery_title",
                ],
            },
        ),
        (
            "Picture",
            {
                "fields": [
                    "image_status", "image_reason", "image_id", "iiif_url", "image_url",
                    "image_width", "image_height", "image_sha256", "image_checked_at",
                ],
            },
        ),
        (
            "Provenance of the record",
            {
                "fields": [
                    "artic_id", "source", "is_generated", "record_hash", "source_updated_at",
                    "created_at", "updated_at", "withdrawn_at",
                ],
            },
        ),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Artwork]:
        """Defer the search document, which is large and never shown."""
        return super().get_queryset(request).defer("search_document")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Artwork], search_term: str
    ) -> tuple[QuerySet[Artwork], bool]:
        """Search with the full-text indexes."""
        term = search_term.strip()
        return (queryset.found_by(term) if term else queryset), False  # type: ignore[attr-defined]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Keep an empty text as NULL where the column allows it; show texts in larger fields."""
        if isinstance(db_field, TextField):
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2, "cols": 80})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, TextField) and db_field.null:
            field.empty_value = None  # type: ignore[union-attr]
        return field

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: works come from a source, never from a form."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: a work is hidden, or withdrawn with its source's record."""
        return False

    def has_process_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may have works fetched and embedded again."""
        return request.user.has_perm("museum.process_artwork")

    def save_model(self, request: HttpRequest, obj: Artwork, form: Any, change: bool) -> None:
        """Record which fields a curator has corrected; later imports leave those alone."""
        corrected = set(form.changed_data) & set(curated_fields.FIELDS)
        obj.curated_fields = sorted({*obj.curated_fields, *corrected})
        super().save_model(request, obj, form, change)

    @admin.display(description="picture")
    def thumbnail(self, work: Artwork) -> SafeString | str:
        """Return a small picture for the list."""
        return thumbnail(work)

    @admin.display(description="image")
    def status(self, work: Artwork) -> str:
        """Return the state of its picture in a word."""
        return work.image_status

    @admin.display(description="Picture")
    def picture(self, work: Artwork) -> SafeString | str:
        """Return a larger picture, or why there is none."""
        picture = thumbnail(work, 400, 240)
        return picture or work.image_reason or work.get_image_status_display()

    @admin.display(description="Texts")
    def texts(self, work: Artwork) -> SafeString:
        """Return every text about the work with its source, licence and state."""
        return texts_of(work)

    @admin.action(description="Hide from visitors", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Hide these works from visitors."""
        self._update(request, queryset, "Hidden.", is_hidden=True)

    @admin.action(description="Show to visitors", permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Show these works again."""
        self._update(request, queryset, "Shown.", is_hidden=False)

    @admin.action(description="Set the ranking boost to …", permissions=["change"])
    def set_boost(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Set the ranking boost of these works; 0 removes it."""
        try:
            boost = forms.FloatField(min_value=-1, max_value=1).clean(request.POST.get("boost"))
        except forms.ValidationError:
            mend = "Enter a value from -1 (lower) to 1 (higher) in the field beside the action."
            return self.message_user(request, mend, messages.ERROR)
        return self._update(request, queryset, f"Ranking boost set to {boost:g}.", boost=boost)

    @admin.action(description="Restore the source's record", permissions=["change"])
    def forget_corrections(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Let the next import write every field of the record, corrected ones included."""
        message = "Corrections removed. The next import restores the source's record."
        self._update(request, queryset, message, curated_fields=[], record_hash="")

    @admin.action(description="Create a theme from these works", permissions=["theme"])
    def make_theme(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> HttpResponse:
        """Open the form of a new theme with these works, in the order of the page."""
        ids = dict(queryset.order_by().values_list("pk", "artic_id")[:MAX_THEME_WORKS])
        checked = [int(pk) for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if pk.isdecimal()]
        ordered = dict.fromkeys([*(pk for pk in checked if pk in ids), *ids])
        numbers = ",".join(str(ids[pk]) for pk in ordered)
        return redirect(f"{reverse('admin:museum_theme_add')}?add_works={numbers}")

    def has_theme_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may create themes."""
        return request.user.has_perm("museum.add_theme")

    def _update(
        self, request: HttpRequest, queryset: QuerySet[Artwork], message: str, **fields: Any
    ) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied
        bulk_actions.update(self, request, queryset, message, **fields)
