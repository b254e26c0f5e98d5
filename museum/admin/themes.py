"""Themes in the admin: put together from works found, put in order, published."""

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
from museum.models import MOST, Artwork, Theme, ThemeWork


class ThemeForm(forms.ModelForm):
    """A theme, and works to put at its end."""

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
        """The works named, in the order given; those in the theme already stay where they are."""
        typed = self.cleaned_data["add_works"].rpartition("works=")[2].replace("%2C", ",")
        ids = list(dict.fromkeys(int(each) for each in re.findall(r"\d{1,18}", typed)))
        if len(ids) > MOST:
            raise forms.ValidationError(f"{len(ids)} works are too many: a theme holds {MOST}.")
        works = Artwork.objects.defer("search_document").in_bulk(ids, field_name="artic_id")
        if unknown := [str(each) for each in ids if each not in works]:
            raise forms.ValidationError(f"There is no work {', '.join(unknown[:10])}.")
        return [works[each] for each in ids]


class ThemeWorkInline(admin.StackedInline):
    """The works of a theme as a wall; the smallest number comes first."""

    model = ThemeWork
    extra = 0
    fields = ["picture", "position"]
    readonly_fields = ["picture"]
    verbose_name = "work"
    verbose_name_plural = "Works (drag to reorder, or press Alt with ← or → in a number)"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ThemeWork]:
        """Works and all, in one query."""
        places = super().get_queryset(request).select_related("artwork")
        return places.defer("artwork__search_document")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Works are added by the theme's own field, many at a time."""
        return False

    @admin.display
    def picture(self, place: ThemeWork) -> SafeString | str:
        """The work as visitors see it."""
        return thumbnail(place.artwork, 400, 120) or "none"


@admin.register(Theme)
class ThemeAdmin(LockedAdmin, VersionedAdmin):
    """Themes with their works; one without a date of publication is a draft."""

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
        """Count the works of each."""
        return super().get_queryset(request).annotate(work_count=Count("places"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only some may say when it is shown."""
        may = request.user.has_perm("museum.publish_theme")
        return [] if may else ["published_from", "published_until"]

    def also_seen(self, obj: Theme) -> dict[str, str]:
        """The works in their order."""
        places = obj.places.order_by("position", "pk").values_list("artwork__artic_id", flat=True)
        return {"works": ", ".join(map(str, places))}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Put the new works after the others."""
        super().save_related(request, form, formsets, change)
        theme = form.instance
        last = theme.places.aggregate(last=Max("position"))["last"] or 0
        there = set(theme.places.values_list("artwork_id", flat=True))
        new = [work for work in form.cleaned_data["add_works"] if work.pk not in there]
        ThemeWork.objects.bulk_create(
            ThemeWork(theme=theme, artwork=work, position=place)
            for place, work in enumerate(new, start=last + 1)
        )

    @admin.display(description="works", ordering="work_count")
    def work_count(self, theme: Any) -> int:
        """How many works it holds."""
        return int(theme.work_count)
