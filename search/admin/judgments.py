"""Queries to judge in the admin: pooling, grading, agreement between raters, and export."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from museum.admin_site import JOBS, Job
from search.evaluation import grading, judged_queries, pooling, rater_agreement
from search.models import EmbeddingModel, Judgment, JudgmentQuery, PooledWork

MIN_GRADE_DIFFERENCE = 2
MAX_DISAGREEMENTS = 50


def judging_job(request: HttpRequest) -> Job | None:
    """Return the entry for the admin's index page: queries this rater has not graded; or None."""
    user: Any = request.user
    if not user.has_perm("search.add_judgment"):
        return None
    url = reverse("admin:search_judgmentquery_changelist")
    return Job("queries to judge", url, grading.unfinished(user).count())


JOBS.append(judging_job)


@admin.register(JudgmentQuery)
class JudgmentQueryAdmin(admin.ModelAdmin):
    """Queries with their numbers of pooled works, graded works and raters."""

    list_display = ["grade_link", "split", "pooled", "graded", "raters", "created_at"]
    list_display_links = None
    list_filter = ["split"]
    search_fields = ["query"]
    fields = ["query", "split"]

    def get_urls(self) -> list[URLPattern]:
        """Add the pages for grading, pooling, agreement and export."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/grade/", view(self.grade), name="search_grade"),
            path("<int:pk>/pool/", view(self.pool), name="search_pool"),
            path("agreement/", view(self.agreement), name="search_agreement"),
            path("export/<slug:split>/", view(self.export), name="search_export"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[JudgmentQuery]:
        """Annotate each query with its numbers of pooled works, graded works and raters."""

        def number(rows: QuerySet[Any], of: str) -> Coalesce:
            # Subqueries: joins would count each row once for every pooled work.
            own = rows.filter(query=OuterRef("pk")).order_by().values("query")
            counts = own.annotate(number=Count(of, distinct=True)).values("number")
            return Coalesce(Subquery(counts), 0)

        judged = Judgment.objects.all()
        return (
            super()
            .get_queryset(request)
            .annotate(
                pool_size=number(PooledWork.objects.all(), "artwork"),
                judged=number(judged, "artwork"),
                rater_count=number(judged, "rater"),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Make text and split of a judged query read-only."""
        return ["query", "split"] if obj and obj.judgments.exists() else []

    @admin.display(description="query", ordering="query")
    def grade_link(self, row: JudgmentQuery) -> SafeString:
        """Return the query, linked to its grading page."""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:search_grade", args=[row.pk]), row.query
        )

    @admin.display(ordering="pool_size")
    def pooled(self, row: Any) -> int:
        """Return the number of works to judge."""
        return int(row.pool_size)

    @admin.display(ordering="judged")
    def graded(self, row: Any) -> int:
        """Return the number of works that somebody has judged."""
        return int(row.judged)

    @admin.display(ordering="rater_count")
    def raters(self, row: Any) -> int:
        """Return the number of raters."""
        return int(row.rater_count)

    def response_add(
        self, request: HttpRequest, obj: JudgmentQuery, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Redirect to the grading page, where pooling comes first."""
        return redirect("admin:search_grade", obj.pk)

    def grade(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the grading page of one query, or save its grades; requires the right to judge."""
        if not request.user.has_perm("search.add_judgment"):
            raise PermissionDenied
        query = get_object_or_404(JudgmentQuery, pk=pk)
        rater: Any = request.user
        if request.method == "POST":
            try:
                saved = grading.save(query, rater, request.POST)
            except ValueError as error:
                raise BadRequest(str(error)) from error
            if request.headers.get("X-Requested-With") == "fetch":
                return HttpResponse(f"{saved} saved", content_type="text/plain; charset=utf-8")
            self.message_user(request, f"{saved} grades saved.", messages.SUCCESS)
            return redirect(request.path)
        cards = grading.cards(query, rater)
        context = {
            **self.admin_site.each_context(request),
            "title": query.query,
            "opts": self.opts,
            "query": query,
            "cards": cards,
            "graded": sum(card.grade is not None for card in cards),
            "grades": Judgment.Grade.choices,
            "next": grading.following(query, rater),
            "models": pooling.models_to_pool(),
            "may_pool": self.has_change_permission(request),
        }
        return TemplateResponse(request, "admin/search/judgmentquery/grade.html", context)

    def pool(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Search with the chosen models, and add their first works to the pool."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        query = get_object_or_404(JudgmentQuery, pk=pk)
        chosen = [n for n in request.POST.getlist("model") if n.isdecimal()]
        new = pooling.pool(query, EmbeddingModel.objects.filter(pk__in=chosen))
        self.log_change(request, query, f"Pooled {new} more works.")
        self.message_user(request, f"{new} works added to the pool.", messages.SUCCESS)
        return redirect("admin:search_grade", pk)

    def agreement(self, request: HttpRequest) -> HttpResponse:
        """Show the agreement between raters and the widest disagreements."""
        if not request.user.has_perm("search.view_judgment"):
            raise PermissionDenied
        judged = list(
            Judgment.objects.filter(rater__isnull=False).values_list(
                "rater__username", "query", "artwork", "grade"
            )
        )
        pairs = rater_agreement.agreements(
            (rater, (query, work), grade) for rater, query, work, grade in judged
        )
        context = {
            **self.admin_site.each_context(request),
            "title": "Agreement between raters",
            "opts": self.opts,
            "pairs": pairs,
            "disagreements": grading.disagreements(MIN_GRADE_DIFFERENCE)[:MAX_DISAGREEMENTS],
            "splits": judged_queries.Split.choices,
        }
        return TemplateResponse(request, "admin/search/judgmentquery/agreement.html", context)

    def export(self, request: HttpRequest, split: str) -> HttpResponse:
        """Return the judged queries of one split as JSON lines for `manage.py evaluate`."""
        if not request.user.has_perm("search.view_judgment"):
            raise PermissionDenied
        if split not in judged_queries.Split.values:
            raise BadRequest(f"There is no split {split}.")
        lines = "".join(f"{line}\n" for line in judged_queries.lines(split))
        response = HttpResponse(lines, content_type="application/jsonl; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="judged-{split}.jsonl"'
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Require the right to delete judgments too: they are deleted with the query."""
        may_delete = request.user.has_perm("search.delete_judgment")
        return may_delete and super().has_delete_permission(request, obj)
