"""Queries to judge: pooled, graded on a grid, compared between raters, and taken away as files."""

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

FAR_APART = 2  # grades
SHOWN = 50


def waiting(request: HttpRequest) -> Job | None:
    """Offer, on the first page of the admin, what this person has not judged yet."""
    user: Any = request.user
    if not user.has_perm("search.add_judgment"):
        return None
    address = reverse("admin:search_judgmentquery_changelist")
    return Job("queries to judge", address, grading.unfinished(user).count())


JOBS.append(waiting)


@admin.register(JudgmentQuery)
class JudgmentQueryAdmin(admin.ModelAdmin):
    """Queries, how many works are pooled for each and how many of these are graded."""

    list_display = ["grade_link", "split", "pooled", "graded", "raters", "created_at"]
    list_display_links = None
    list_filter = ["split"]
    search_fields = ["query"]
    fields = ["query", "split"]

    def get_urls(self) -> list[URLPattern]:
        """Add grading, pooling, agreement and files."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/grade/", view(self.grade), name="search_grade"),
            path("<int:pk>/pool/", view(self.pool), name="search_pool"),
            path("agreement/", view(self.agreement), name="search_agreement"),
            path("export/<slug:split>/", view(self.export), name="search_export"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[JudgmentQuery]:
        """Add how far each query is."""

        def number(rows: QuerySet[Any], of: str) -> Coalesce:
            # Joined, the others would be counted anew for each work of the pool.
            own = rows.filter(query=OuterRef("pk")).order_by().values("query")
            counted = own.annotate(number=Count(of, distinct=True)).values("number")
            return Coalesce(Subquery(counted), 0)

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
        """A query that has been judged stays what it is, and on its side."""
        return ["query", "split"] if obj and obj.judgments.exists() else []

    @admin.display(description="query", ordering="query")
    def grade_link(self, row: JudgmentQuery) -> SafeString:
        """The query, linked to the grid."""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:search_grade", args=[row.pk]), row.query
        )

    @admin.display(ordering="pool_size")
    def pooled(self, row: Any) -> int:
        """Works to judge."""
        return int(row.pool_size)

    @admin.display(ordering="judged")
    def graded(self, row: Any) -> int:
        """Works that somebody has judged."""
        return int(row.judged)

    @admin.display(ordering="rater_count")
    def raters(self, row: Any) -> int:
        """People who judged."""
        return int(row.rater_count)

    def response_add(
        self, request: HttpRequest, obj: JudgmentQuery, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on with what comes next: the pool."""
        return redirect("admin:search_grade", obj.pk)

    def grade(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The grid of one query: shown to whoever may judge, and judged."""
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
            "models": pooling.candidates(),
            "may_pool": self.has_change_permission(request),
        }
        return TemplateResponse(request, "admin/search/judgmentquery/grade.html", context)

    def pool(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Search by the rankings chosen, and add what they find to the pool."""
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
        """How far raters agree, and where they are far apart."""
        if not request.user.has_perm("search.view_judgment"):
            raise PermissionDenied
        judged = list(
            Judgment.objects.filter(rater__isnull=False).values_list(
                "rater__username", "query", "artwork", "grade"
            )
        )
        pairs = rater_agreement.agreements(
            (who, (q, work), grade) for who, q, work, grade in judged
        )
        context = {
            **self.admin_site.each_context(request),
            "title": "Agreement between raters",
            "opts": self.opts,
            "pairs": pairs,
            "apart": grading.far_apart(FAR_APART)[:SHOWN],
            "splits": judged_queries.Split.choices,
        }
        return TemplateResponse(request, "admin/search/judgmentquery/agreement.html", context)

    def export(self, request: HttpRequest, split: str) -> HttpResponse:
        """The judged queries of one side, as `manage.py evaluate` reads them."""
        if not request.user.has_perm("search.view_judgment"):
            raise PermissionDenied
        if split not in judged_queries.Split.values:
            raise BadRequest(f"There is no split {split}.")
        lines = "".join(f"{line}\n" for line in judged_queries.lines(split))
        response = HttpResponse(lines, content_type="application/jsonl; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="judged-{split}.jsonl"'
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Deleting a query deletes what people judged, so it takes the right to do that, too."""
        may_delete = request.user.has_perm("search.delete_judgment")
        return may_delete and super().has_delete_permission(request, obj)
