"""The query log and the search statistics in the admin, read-only."""

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
    """Searches of the last days, newest first, without anything about the visitor."""

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
        """Add the statistics page."""
        view = self.admin_site.admin_view(self.statistics)
        return [path("insight/", view, name="search_insight"), *super().get_urls()]

    def statistics(self, request: HttpRequest) -> HttpResponse:
        """Show the search statistics; requires the permission to view the log."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        period = request.GET.get("days", "")
        days = int(period) if period in map(str, insights.PERIODS_DAYS) else DEFAULT_DAYS
        log, collection = insights.log(days), insights.collection()
        log_days = log.value.days if log else []
        context = {
            **self.admin_site.each_context(request),
            "title": "Search statistics",
            "opts": self.opts,
            "days": days,
            "choices": insights.PERIODS_DAYS,
            "log": log,
            "chart": charts.columns([(f"{d.day:%-d %b}", d.searches, d.weak) for d in log_days]),
            "percentiles": [round(100 * share) for share in insights.PERCENTILES],
            "collection": collection,
        }
        return TemplateResponse(request, "admin/search/insight.html", context)

    def has_judge_permission(self, request: HttpRequest) -> bool:
        """Require the permission to add queries to judge."""
        return request.user.has_perm("search.add_judgmentquery")

    @admin.action(description="Add to the training queries to judge", permissions=["judge"])
    def judge(self, request: HttpRequest, queryset: QuerySet[QueryLog]) -> None:
        """Add each query once, skipping those that exist."""
        queries = dict(queryset.exclude(key="").values_list("key", "query"))
        known = set(JudgmentQuery.objects.filter(key__in=queries).values_list("key", flat=True))
        new = [query for key, query in queries.items() if key not in known]
        for query in new:
            JudgmentQuery.objects.create(query=query)
        self.message_user(request, f"{len(new)} added; {len(known)} already existed.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: only searches add rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return False: a log is not edited."""
        return False
