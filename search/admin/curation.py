"""Curated queries and synonyms in the admin."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.db.models import Count, ForeignKey, Q, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.forms.utils import ErrorDict
from django.http import HttpRequest
from django.utils.safestring import SafeString

from museum.admin.optimistic_lock import LockedAdmin
from museum.admin.thumbnails import thumbnail
from museum.models import Artwork, ExampleSearch
from search.admin.preview import PREVIEW_WORKS, PreviewedAdmin, Searches
from search.curation import store
from search.curation.rules import Rule, same_terms
from search.models import CuratedQuery, CuratedWork, Synonyms
from search.query.query import Query
from search.text import normalised

CURRENT_HEADING, CHANGED_HEADING = "Current results", "With this change"
Action = CuratedWork.Action
WORK_FIELDS = ["curated_query", "artwork", "action", "position"]


class NumberWidget(ForeignKeyRawIdWidget):
    """An id to type or look up, without the object's name: reading it would cost a query a row."""

    def label_and_url_for_value(self, value: Any) -> tuple[str, str]:
        """Return no label and no URL."""
        return "", ""


class CuratedWorkForm(ModelForm):
    """A work of a curated query. An unchanged row is not validated: that takes four queries."""

    def full_clean(self) -> None:
        """Validate new and changed rows only."""
        if not (self.is_bound and self.instance.pk) or self.has_changed():
            return super().full_clean()
        self._errors = ErrorDict()
        stored = {name: getattr(self.instance, name) for name in WORK_FIELDS}
        self.cleaned_data = {**stored, "id": self.instance}
        return None


class CuratedWorkInline(admin.StackedInline):
    """The works pinned or hidden by a query, one a line."""

    model = CuratedWork
    form = CuratedWorkForm
    extra = 1
    fields = [("picture", "artwork", "action", "position")]
    readonly_fields = ["picture"]
    verbose_name = "work"
    verbose_name_plural = "Works to show first, or never"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CuratedWork]:
        """Load the works in the same query."""
        rows = super().get_queryset(request).select_related("artwork")
        return rows.defer("artwork__search_document")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Let the user type the work's id, and load only its title."""
        works = Artwork.objects.only("artic_id", "title")
        widget = NumberWidget(db_field.remote_field, self.admin_site)
        return super().formfield_for_foreignkey(
            db_field, request, widget=widget, queryset=works, **kwargs
        )

    @admin.display
    def picture(self, row: CuratedWork) -> SafeString | str:
        """Return a thumbnail of the work; its name stands above."""
        return (row.artwork_id and thumbnail(row.artwork, 200, 80)) or "-"


@admin.register(CuratedQuery)
class CuratedQueryAdmin(LockedAdmin, PreviewedAdmin):
    """Queries with works pinned or hidden, or answered as another query."""

    change_form_template = PreviewedAdmin.change_form_template

    list_display = ["query", "pinned", "hidden", "rewrite", "is_active", "updated_at"]
    list_filter = ["is_active"]
    search_fields = ["query", "rewrite", "note"]
    fields = ["query", "rewrite", "is_active", "note"]
    inlines = [CuratedWorkInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CuratedQuery]:
        """Annotate the numbers of pinned and hidden works."""
        rows = super().get_queryset(request)
        return rows.annotate(
            pins=Count("works", filter=Q(works__action=Action.PIN)),
            hides=Count("works", filter=Q(works__action=Action.HIDE)),
        )

    @admin.display(ordering="pins")
    def pinned(self, row: Any) -> int:
        """Return the number of pinned works."""
        return int(row.pins)

    @admin.display(ordering="hides")
    def hidden(self, row: Any) -> int:
        """Return the number of hidden works."""
        return int(row.hides)

    def extra_values(self, obj: CuratedQuery) -> dict[str, str]:
        """Return the works with their actions, which an edit conflict compares."""
        works = obj.works.order_by("position", "pk").values_list("artwork__artic_id", "action")
        return {"works": ", ".join(f"{artic_id} ({action})" for artic_id, action in works)}

    def searches(self, form: ModelForm, formsets: Sequence[BaseInlineFormSet]) -> Searches:
        """Return the query with the rules of now, and with those of the form."""
        data = form.cleaned_data
        works = sorted(
            (
                each
                for formset in formsets
                for each in formset.cleaned_data
                if each and not each.get("DELETE")
            ),
            key=lambda each: each["position"],
        )
        rule = Rule(
            tuple(each["artwork"].artic_id for each in works if each["action"] == Action.PIN),
            tuple(each["artwork"].artic_id for each in works if each["action"] == Action.HIDE),
            data["rewrite"],
        )
        rules, previous_key = store.current(), normalised(form.initial.get("query", ""))
        others = {key: each for key, each in rules.queries.items() if key != previous_key}
        if data["is_active"]:
            others[normalised(data["query"])] = rule
        query = Query.parse(data["query"], limit=PREVIEW_WORKS)
        return [
            (CURRENT_HEADING, rules.apply(query)),
            (CHANGED_HEADING, replace(rules, queries=others).apply(query)),
        ]


@admin.register(ExampleSearch)
class ExampleSearchAdmin(PreviewedAdmin):
    """Example searches on the home page."""

    list_display = ["query", "position", "is_active"]
    list_editable = ["position", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["query"]

    def searches(self, form: ModelForm, formsets: Sequence[BaseInlineFormSet]) -> Searches:
        """Return the search with the curated rules."""
        query = Query.parse(form.cleaned_data["query"], limit=PREVIEW_WORKS)
        return [("What visitors see", store.apply_rules(query))]


@admin.register(Synonyms)
class SynonymsAdmin(PreviewedAdmin):
    """Synonyms."""

    list_display = ["__str__", "is_active", "updated_at"]
    list_filter = ["is_active"]
    search_fields = ["terms"]
    fields = ["terms", "is_active"]

    def searches(self, form: ModelForm, formsets: Sequence[BaseInlineFormSet]) -> Searches:
        """Return searches for the first two terms, with the rules of now and with the form's."""
        groups = Synonyms.objects.filter(is_active=True).exclude(pk=form.instance.pk)
        terms = [*groups.values_list("terms", flat=True)]
        if form.cleaned_data["is_active"]:
            terms.append(form.instance.terms)
        rules = store.current()
        changed = replace(rules, synonyms=same_terms(terms))
        queries = [Query.parse(term, limit=PREVIEW_WORKS) for term in form.instance.terms[:2]]
        return [
            (heading, each.apply(query))
            for query in queries
            for heading, each in ((CURRENT_HEADING, rules), (CHANGED_HEADING, changed))
        ]
