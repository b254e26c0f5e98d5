"""Works in the admin: found, looked at, corrected, hidden and raised."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Field, QuerySet, TextField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from museum.admin.filters import AltTextFilter, CorrectedFilter
from museum.admin.history import VersionedAdmin
from museum.admin.large_lists import LargeListAdmin
from museum.admin.optimistic_lock import LockedAdmin
from museum.admin.provenance import texts_of
from museum.admin.thumbnails import thumbnail
from museum.models import MOST as MOST_IN_THEME
from museum.models import Artist, Artwork, curated_fields, history

# More at once would hold the rows, and the request, for longer than anybody waits.
MOST = 1_000


@admin.register(Artist)
class ArtistAdmin(LargeListAdmin, LockedAdmin, VersionedAdmin):
    """Artists by name or AIC's agent id."""

    list_display = ["name", "artic_id"]
    search_fields = ["name", "=artic_id"]
    fields = ["name", "artic_id", "is_corrected"]

    def save_model(self, request: HttpRequest, obj: Artist, form: Any, change: bool) -> None:
        """A name that was written here stays, unless the box is unticked."""
        if "name" in form.changed_data:
            obj.is_corrected = True
        super().save_model(request, obj, form, change)


class BoostForm(ActionForm):
    """The actions of the list, with how far to raise: read by that action alone."""

    boost = forms.CharField(
        required=False,
        label="by",
        widget=forms.NumberInput(attrs={"step": "0.1", "min": -1, "max": 1}),
    )


@admin.register(Artwork)
class ArtworkAdmin(LargeListAdmin, LockedAdmin, VersionedAdmin):
    """Works, with what curators decide about them first.

    Other apps add their actions, their filters, and another way to search.
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
    sortable_by = ["artic_id"]  # any other column would sort every work
    search_fields = ["title"]  # see get_search_results
    search_help_text = (
        "Search the record, the texts and the artist's name, or enter an id or accession number."
    )
    raw_id_fields = ["artist"]
    change_form_template = "admin/museum/artwork/change_form.html"
    action_form = BoostForm
    actions = ["hide", "show", "raise_by", "make_theme", "forget_corrections"]
    # A form field for a list splits at commas, and "Chicago, Illinois" would come back as two.
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
        """Leave out the search document, which is large and never shown."""
        return super().get_queryset(request).defer("search_document")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Artwork], search_term: str
    ) -> tuple[QuerySet[Artwork], bool]:
        """Look words up in the indexes of full text."""
        term = search_term.strip()
        return (queryset.found_by(term) if term else queryset), False  # type: ignore[attr-defined]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Keep what the museum does not say as NULL, and give texts fields of a readable size."""
        if isinstance(db_field, TextField):
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2, "cols": 80})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, TextField) and db_field.null:
            field.empty_value = None  # type: ignore[union-attr]
        return field

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Works come from a source, never from a form."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor do they go: a work is hidden, or withdrawn with its source's record."""
        return False

    def has_process_permission(self, request: HttpRequest) -> bool:
        """Whether works may be fetched and embedded again, for the actions of other apps."""
        return request.user.has_perm("museum.process_artwork")

    def save_model(self, request: HttpRequest, obj: Artwork, form: Any, change: bool) -> None:
        """Note which fields of the record are a curator's from now on."""
        corrected = set(form.changed_data) & set(curated_fields.FIELDS)
        obj.curated_fields = sorted({*obj.curated_fields, *corrected})
        super().save_model(request, obj, form, change)

    @admin.display(description="picture")
    def thumbnail(self, work: Artwork) -> SafeString | str:
        """A small picture for the list."""
        return thumbnail(work)

    @admin.display(description="image")
    def status(self, work: Artwork) -> str:
        """Where its picture stands, in a word."""
        return work.image_status

    @admin.display(description="Picture")
    def picture(self, work: Artwork) -> SafeString | str:
        """A larger picture, or why there is none."""
        shown = thumbnail(work, 400, 240)
        return shown or work.image_reason or work.get_image_status_display()

    @admin.display(description="Texts")
    def texts(self, work: Artwork) -> SafeString:
        """Every text about it: whose it is, under which licence, whether it is shown."""
        return texts_of(work)

    @admin.action(description="Hide from visitors", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Show these works to no visitor."""
        self._set(request, queryset, "Hidden.", is_hidden=True)

    @admin.action(description="Show to visitors", permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Show these works again."""
        self._set(request, queryset, "Shown.", is_hidden=False)

    @admin.action(description="Set the ranking boost to …", permissions=["change"])
    def raise_by(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Give these works one boost; 0 takes it away."""
        try:
            boost = forms.FloatField(min_value=-1, max_value=1).clean(request.POST.get("boost"))
        except forms.ValidationError:
            mend = "Enter a value from -1 (lower) to 1 (higher) in the field beside the action."
            return self.message_user(request, mend, messages.ERROR)
        return self._set(request, queryset, f"Ranking boost set to {boost:g}.", boost=boost)

    @admin.action(description="Restore the source's record", permissions=["change"])
    def forget_corrections(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> None:
        """Let the next load write every field of the record, corrected or not."""
        said = "Corrections removed. The next import restores the source's record."
        self._set(request, queryset, said, curated_fields=[], record_hash="")

    @admin.action(description="Create a theme from these works", permissions=["theme"])
    def make_theme(self, request: HttpRequest, queryset: QuerySet[Artwork]) -> HttpResponse:
        """Open a new theme with these works, in the order in which they stood on the page."""
        ids = dict(queryset.order_by().values_list("pk", "artic_id")[:MOST_IN_THEME])
        chosen = [int(pk) for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if pk.isdecimal()]
        ordered = dict.fromkeys([*(pk for pk in chosen if pk in ids), *ids])
        numbers = ",".join(str(ids[pk]) for pk in ordered)
        return redirect(f"{reverse('admin:museum_theme_add')}?add_works={numbers}")

    def has_theme_permission(self, request: HttpRequest) -> bool:
        """Whether themes may be made."""
        return request.user.has_perm("museum.add_theme")

    def _set(
        self, request: HttpRequest, queryset: QuerySet[Artwork], said: str, **fields: Any
    ) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied
        if (number := queryset.count()) > MOST:
            mend = f"{number:,} works are too many at once. Choose at most {MOST:,}."
            return self.message_user(request, mend, messages.ERROR)
        user: Any = request.user
        rows = Artwork.objects.filter(pk__in=queryset.order_by().values("pk"))
        now = timezone.now()
        works = history.update(rows.defer("search_document"), user, said, **fields, updated_at=now)
        LogEntry.objects.log_actions(user.pk, works, CHANGE, said)
        return self.message_user(request, f"{len(works)}: {said}", messages.SUCCESS)
