"""Themes in the admin: choose works, order them, publish."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from museum.admin.history import VersionedAdmin
from museum.admin.optimistic_lock import LockedAdmin
from museum.admin.thumbnails import thumbnail
from museum.models import MAX_THEME_WORKS, Artwork, Theme, ThemeWork


class ThemeForm(forms.ModelForm):
    """A theme, with a field for works to add at its end."""

    add_works = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
        help_text="Ids of works in order, or the address of a page of saved works.",
    )

    class Meta:
        model = Theme
        fields = ["title", "slug", "text", "licence", "cover", "published_from", "published_until"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 5, "cols": 80}),
            "licence": forms.Textarea(attrs={"rows": 1, "cols": 80}),
        }

    def clean_add_works(self) -> list[Artwork]:
        """Return the named works in the order given; ones already in the theme keep their place."""
        typed = self.cleaned_data["add_works"].rpartition("works=")[2].replace("%2C", ",")
        ids = list(dict.fromkeys(int(each) for each in re.findall(r"\d{1,18}", typed)))
        if len(ids) > MAX_THEME_WORKS:
            raise forms.ValidationError(
                f"{len(ids)} works are too many: a theme holds {MAX_THEME_WORKS}."
            )
        works = Artwork.objects.defer("search_document").in_bulk(ids, field_name="artic_id")
        if unknown := [str(each) for each in ids if each not in works]:
            raise forms.ValidationError(f"There is no work {', '.join(unknown[:10])}.")
        return [works[each] for each in ids]


class ThemeWorkInline(admin.StackedInline):
    """The works of a theme as a grid, by ascending position."""

    model = ThemeWork
    extra = 0
    fields = ["picture", "position"]
    readonly_fields = ["picture"]
    verbose_name = "work"
    verbose_name_plural = "Works (drag to reorder, or press Alt with ← or → in a number)"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ThemeWork]:
        """Load the places with their works in one query."""
        places = super().get_queryset(request).select_related("artwork")
        return places.defer("artwork__search_document")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: the theme has a field of its own to add many works at a time."""
        return False

    @admin.display
    def picture(self, place: ThemeWork) -> SafeString | str:
        """Return the picture of the work."""
        return thumbnail(place.artwork, 400, 120) or "none"


@admin.register(Theme)
class ThemeAdmin(LockedAdmin, VersionedAdmin):
    """Themes with their works. A theme without a publication date is a draft."""

    form = ThemeForm
    list_display = ["title", "slug", "work_count", "published_from", "published_until"]
    search_fields = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    raw_id_fields = ["cover"]
    inlines = [ThemeWorkInline]
    fields = [*ThemeForm.Meta.fields, "add_works"]

    class Media:
        js = ["js/order.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Theme]:
        """Add the number of works of each theme."""
        return super().get_queryset(request).annotate(work_count=Count("places"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Make the publication dates read-only without the permission to publish."""
        may_publish = request.user.has_perm("museum.publish_theme")
        return [] if may_publish else ["published_from", "published_until"]

    def extra_values(self, obj: Theme) -> dict[str, str]:
        """Return the works in their order."""
        places = obj.places.order_by("position", "pk").values_list("artwork__artic_id", flat=True)
        return {"works": ", ".join(map(str, places))}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Add the new works after the others."""
        super().save_related(request, form, formsets, change)
        theme = form.instance
        last = theme.places.aggregate(last=Max("position"))["last"] or 0
        present = set(theme.places.values_list("artwork_id", flat=True))
        new = [work for work in form.cleaned_data["add_works"] if work.pk not in present]
        ThemeWork.objects.bulk_create(
            ThemeWork(theme=theme, artwork=work, position=place)
            for place, work in enumerate(new, start=last + 1)
        )

    @admin.display(description="works", ordering="work_count")
    def work_count(self, theme: Any) -> int:
        """Return the number of works."""
        return int(theme.work_count)
