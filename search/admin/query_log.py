"""The query log and what it tells, to be read."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from museum.admin.large_lists import LargeListAdmin
from search.analytics import charts, insights
from search.models import JudgmentQuery, QueryLog

DEFAULT_DAYS = 30


@admin.register(QueryLog)
class QueryLogAdmin(LargeListAdmin):
    """Searches of the last days, newest first. They know nobody."""

    list_display = [
        "at", "query", "count", "relevance", "milliseconds", "source", "model", "filters",
    ]  # fmt: skip
    list_display_links = None
    list_filter = ["relevance", "source"]
    search_fields = ["query"]
    date_hierarchy = "at"
    sortable_by = ()
    actions = ["judge"]

    def get_urls(self) -> list[URLPattern]:
        """Add the page of charts."""
        view = self.admin_site.admin_view(self.insight)
        return [path("insight/", view, name="search_insight"), *super().get_urls()]

    def insight(self, request: HttpRequest) -> HttpResponse:
        """What is searched for, how fast, and what is never found, for whoever may see the log."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("days", "")
        days = int(asked) if asked in map(str, insights.DAYS) else DEFAULT_DAYS
        log, collection = insights.log(days), insights.collection()
        shown = log.value.days if log else []
        context = {
            **self.admin_site.each_context(request),
            "title": "Search statistics",
            "opts": self.opts,
            "days": days,
            "choices": insights.DAYS,
            "log": log,
            "chart": charts.columns([(f"{d.day:%-d %b}", d.searches, d.weak) for d in shown]),
            "percentiles": [round(100 * share) for share in insights.PERCENTILES],
            "collection": collection,
        }
        return TemplateResponse(request, "admin/search/insight.html", context)

    def has_judge_permission(self, request: HttpRequest) -> bool:
        """Whoever may add queries to judge may take them from here."""
        return request.user.has_perm("search.add_judgmentquery")

    @admin.action(description="Add to the training queries to judge", permissions=["judge"])
    def judge(self, request: HttpRequest, queryset: QuerySet[QueryLog]) -> None:
        """Take over each query once, and none that is there already."""
        said = dict(queryset.exclude(key="").values_list("key", "query"))
        known = set(JudgmentQuery.objects.filter(key__in=said).values_list("key", flat=True))
        new = [query for key, query in said.items() if key not in known]
        for query in new:
            JudgmentQuery.objects.create(query=query)
        self.message_user(request, f"{len(new)} added; {len(known)} already existed.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Forbid it: searches are made by searching."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Forbid it: what was searched for was."""
        return False
