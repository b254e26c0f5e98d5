"""The collection in the admin: for looking things up, hiding works and writing texts."""

from typing import Any

from django.contrib import admin
from django.db.models import Field, QuerySet, TextField
from django.forms import ModelForm, Textarea
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from museum import iiif
from museum.models import Artist, Artwork, Description, Theme, ThemeWork

THUMBNAIL_HEIGHT = 48


class DescriptionInline(admin.StackedInline):
    """The texts of a work on its own page."""

    model = Description
    extra = 0
    fields = ["source", "language", "text", "html", "licence", "is_approved", "is_boilerplate"]
    readonly_fields = ["html"]


@admin.register(Artist)
class ArtistAdmin(admin.ModelAdmin):
    """Artists by name or AIC's agent id."""

    list_display = ["name", "artic_id"]
    search_fields = ["name", "=artic_id"]
    show_full_result_count = False


@admin.register(Artwork)
class ArtworkAdmin(admin.ModelAdmin):
    """Works, with what curators decide about them first."""

    list_display = ["thumbnail", "title", "artist", "artic_id", "image_status", "is_hidden"]
    list_display_links = ["thumbnail", "title"]
    list_filter = [
        "image_status", "is_hidden", "is_public_domain", "is_on_view", "is_generated", "source",
        "artwork_type", "department",
    ]  # fmt: skip
    list_select_related = ["artist"]
    list_per_page = 50
    # Counting all works again for "of 131,000" would cost more than the page.
    show_full_result_count = False
    search_fields = ["title", "=artic_id", "=accession_number", "artist__name"]
    search_help_text = "Title, id, accession number or artist"
    raw_id_fields = ["artist"]
    # A form field for a list splits at commas, and "Chicago, Illinois" would come back as two.
    readonly_fields = [
        "picture", "alt_titles", "classification_titles", "style_titles", "subject_titles",
        "material_titles", "technique_titles", "term_titles", "category_titles", "artic_id",
        "source", "is_generated", "image_sha256", "image_checked_at", "lqip", "record_hash",
        "source_updated_at", "created_at", "updated_at",
    ]  # fmt: skip
    fieldsets = [
        ("Curation", {"fields": ["picture", "is_hidden", "boost"]}),
        (
            "Record",
            {
                "description": "Replaced when the source changes the record.",
                "fields": [
                    "title", "alt_titles", "artist", "artist_display", "accession_number",
                    "date_display", "date_start", "date_end", "place_of_origin", "medium_display",
                    "dimensions", "credit_line", "inscriptions", "copyright_notice", "department",
                    "artwork_type", "classification_titles", "style_titles", "subject_titles",
                    "material_titles", "technique_titles", "term_titles", "category_titles",
                    "is_public_domain", "is_on_view", "gallery_title",
                ],
            },
        ),
        (
            "Picture",
            {
                "fields": [
                    "image_status", "image_reason", "image_id", "iiif_url", "image_width",
                    "image_height", "color", "lqip", "image_sha256", "image_checked_at",
                ],
            },
        ),
        (
            "Where it comes from",
            {
                "fields": [
                    "artic_id", "source", "is_generated", "record_hash", "source_updated_at",
                    "created_at", "updated_at", "withdrawn_at",
                ],
            },
        ),
    ]  # fmt: skip
    inlines = [DescriptionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Artwork]:
        """Leave out the search document, which is large and never shown."""
        return super().get_queryset(request).defer("search_document")

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Keep what the museum does not say as NULL, and give texts fields of a readable size."""
        if isinstance(db_field, TextField):
            kwargs["widget"] = Textarea(attrs={"rows": 2, "cols": 80})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, TextField) and db_field.null:
            field.empty_value = None  # type: ignore[union-attr]
        return field

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Works come from a source, never from a form."""
        return False

    @admin.display(description="")
    def thumbnail(self, work: Artwork) -> SafeString | str:
        """A small picture for the list."""
        return _picture(work, 200, THUMBNAIL_HEIGHT)

    @admin.display(description="Picture")
    def picture(self, work: Artwork) -> SafeString | str:
        """A larger picture, or why there is none."""
        return _picture(work, 400, 240) or work.image_reason or work.get_image_status_display()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Keep the HTML of descriptions in step with their text."""
        for each in formset.forms:
            _drop_old_html(each)
        super().save_formset(request, form, formset, change)


@admin.register(Description)
class DescriptionAdmin(admin.ModelAdmin):
    """Texts, to be found by what they say and approved or not."""

    list_display = ["artwork", "source", "language", "start", "is_approved", "is_boilerplate"]
    list_filter = ["source", "is_approved", "is_boilerplate", "language"]
    list_select_related = ["artwork"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["text", "artwork__title", "=artwork__artic_id"]
    raw_id_fields = ["artwork"]
    readonly_fields = ["html", "created_at", "updated_at"]

    @admin.display(description="text")
    def start(self, text: Description) -> str:
        """As much of the text as fits on a line."""
        return text.text[:80]

    def save_model(self, request: HttpRequest, obj: Description, form: Any, change: bool) -> None:
        """Keep the HTML in step with the text."""
        _drop_old_html(form)
        super().save_model(request, obj, form, change)


class ThemeWorkInline(admin.TabularInline):
    """The works of a theme, in the order of their positions."""

    model = ThemeWork
    extra = 3
    fields = ["position", "artwork"]
    raw_id_fields = ["artwork"]


@admin.register(Theme)
class ThemeAdmin(admin.ModelAdmin):
    """Themes with their works; one without a date of publication is a draft."""

    list_display = ["title", "slug", "published_from", "published_until"]
    search_fields = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    raw_id_fields = ["cover"]
    inlines = [ThemeWorkInline]


def _drop_old_html(form: ModelForm) -> None:
    """The HTML says the same as the text, so it goes when the text is written anew."""
    if "text" in form.changed_data:
        form.instance.html = ""


def _picture(work: Artwork, width: int, height: int) -> SafeString | str:
    address = iiif.picture_url(work, width)
    if not address:
        return ""
    return format_html('<img src="{}" alt="" height="{}" loading="lazy">', address, height)
