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
from search.admin.preview import WORKS, Answers, PreviewedAdmin
from search.curation import store
from search.curation.rules import Rule, same_terms
from search.models import CuratedQuery, CuratedWork, Synonyms
from search.query.query import Query
from search.text import normalised

NOW, THEN = "Current results", "With this change"
Action = CuratedWork.Action
WORK_FIELDS = ["curated_query", "artwork", "action", "position"]


class NumberWidget(ForeignKeyRawIdWidget):
    """A number to type or look up. What it stands for is beside it: not read again for each row."""

    def label_and_url_for_value(self, value: Any) -> tuple[str, str]:
        """Say nothing."""
        return "", ""


class CuratedWorkForm(ModelForm):
    """A work of a query. Sent back as it is stored, it is not checked again: that takes four
    queries a row."""

    def full_clean(self) -> None:
        """Check what is new or changed."""
        if not (self.is_bound and self.instance.pk) or self.has_changed():
            return super().full_clean()
        self._errors = ErrorDict()
        stored = {name: getattr(self.instance, name) for name in WORK_FIELDS}
        self.cleaned_data = {**stored, "id": self.instance}
        return None


class CuratedWorkInline(admin.StackedInline):
    """The works that a query shows first or never, each on a line."""

    model = CuratedWork
    form = CuratedWorkForm
    extra = 1
    fields = [("picture", "artwork", "action", "position")]
    readonly_fields = ["picture"]
    verbose_name = "work"
    verbose_name_plural = "Works to show first, or never"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CuratedWork]:
        """Works and all, in one query."""
        rows = super().get_queryset(request).select_related("artwork")
        return rows.defer("artwork__search_document")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Ask for the work's number, and look up no more of it than its name."""
        works = Artwork.objects.only("artic_id", "title")
        widget = NumberWidget(db_field.remote_field, self.admin_site)
        return super().formfield_for_foreignkey(
            db_field, request, widget=widget, queryset=works, **kwargs
        )

    @admin.display
    def picture(self, row: CuratedWork) -> SafeString | str:
        """The work as visitors see it; its name stands above."""
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
        """Add how many works are pinned and hidden."""
        rows = super().get_queryset(request)
        return rows.annotate(
            pins=Count("works", filter=Q(works__action=Action.PIN)),
            hides=Count("works", filter=Q(works__action=Action.HIDE)),
        )

    @admin.display(ordering="pins")
    def pinned(self, row: Any) -> int:
        """Works shown first."""
        return int(row.pins)

    @admin.display(ordering="hides")
    def hidden(self, row: Any) -> int:
        """Works never shown."""
        return int(row.hides)

    def also_seen(self, obj: CuratedQuery) -> dict[str, str]:
        """The works and what is done with each."""
        works = obj.works.order_by("position", "pk").values_list("artwork__artic_id", "action")
        return {"works": ", ".join(f"{artic_id} ({action})" for artic_id, action in works)}

    def searches(self, form: ModelForm, formsets: Sequence[BaseInlineFormSet]) -> Answers:
        """Return the query as it is answered now, and as it would be."""
        said = form.cleaned_data
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
            said["rewrite"],
        )
        rules, before = store.current(), normalised(form.initial.get("query", ""))
        others = {key: each for key, each in rules.queries.items() if key != before}
        if said["is_active"]:
            others[normalised(said["query"])] = rule
        query = Query.parse(said["query"], limit=WORKS)
        return [
            (NOW, rules.apply(query)),
            (THEN, replace(rules, queries=others).apply(query)),
        ]


@admin.register(ExampleSearch)
class ExampleSearchAdmin(PreviewedAdmin):
    """Searches that the home page offers to try."""

    list_display = ["query", "position", "is_active"]
    list_editable = ["position", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["query"]

    def searches(self, form: ModelForm, formsets: Sequence[BaseInlineFormSet]) -> Answers:
        """Return the search as a visitor would have it answered."""
        query = Query.parse(form.cleaned_data["query"], limit=WORKS)
        return [("What visitors see", store.apply_rules(query))]


@admin.register(Synonyms)
class SynonymsAdmin(PreviewedAdmin):
    """Terms that mean the same."""

    list_display = ["__str__", "is_active", "updated_at"]
    list_filter = ["is_active"]
    search_fields = ["terms"]
    fields = ["terms", "is_active"]

    def searches(self, form: ModelForm, formsets: Sequence[BaseInlineFormSet]) -> Answers:
        """Return searches for the first two terms, as they are answered now and would be."""
        groups = Synonyms.objects.filter(is_active=True).exclude(pk=form.instance.pk)
        terms = [*groups.values_list("terms", flat=True)]
        if form.cleaned_data["is_active"]:
            terms.append(form.instance.terms)
        rules = store.current()
        changed = replace(rules, synonyms=same_terms(terms))
        queries = [Query.parse(term, limit=WORKS) for term in form.instance.terms[:2]]
        return [
            (heading, each.apply(query))
            for query in queries
            for heading, each in ((NOW, rules), (THEN, changed))
        ]
