"""Runs, their steps and their failures: read-only, but a running run can be stopped."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ingest.models import IngestFailure, IngestRun, IngestStep
from ingest.pipeline import status
from ingest.pipeline.refetch import fetch_again
from ingest.pipeline.retry import NotRetryableError, retry
from ingest.runs import lifecycle
from museum.admin.large_lists import LargeListAdmin
from museum.admin.works import MOST
from museum.models import Artwork


class ReadOnly(LargeListAdmin):
    """A list of what the pipeline wrote; nobody edits it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(IngestRun)
class IngestRunAdmin(ReadOnly):
    """Runs, the newest first, with their durations and counts."""

    list_display = (
        "id",
        "source",
        "state",
        "started_at",
        "duration",
        "seen",
        "created",
        "updated",
        "unchanged",
        "failures_link",
        "images",
        "embedded",
        "message",
    )
    list_filter = ("state", "source")
    date_hierarchy = "started_at"
    actions = ("stop",)

    def get_urls(self) -> list[URLPattern]:
        """Add the status page and its button."""
        view = self.admin_site.admin_view
        return [
            path("status/", view(self.show_status), name="ingest_status"),
            path("retry/", view(self.retry_these), name="ingest_retry"),
            *super().get_urls(),
        ]

    def show_status(self, request: HttpRequest) -> HttpResponse:
        """Show runs, queues, picture hosts, pictures and failures to those who may see runs."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        report = status.collect()
        context = {
            **self.admin_site.each_context(request),
            **report,
            "title": "Import status",
            "is_running": any(run["state"] == IngestRun.State.RUNNING for run in report["runs"]),
            "may_retry": self.has_stop_permission(request),
        }
        return TemplateResponse(request, "admin/ingest/status.html", context)

    def retry_these(self, request: HttpRequest) -> HttpResponse:
        """Queue steps for the works of one group of failures."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_stop_permission(request):
            raise PermissionDenied
        try:
            number, works = retry(request.POST.get("stage", ""), request.POST.get("reason", ""))
        except NotRetryableError as error:
            self.message_user(request, str(error), messages.WARNING)
        else:
            of = "run" if number == 1 else "runs"
            self.message_user(request, f"{works} works queued in {number} {of}.", messages.SUCCESS)
        return redirect("admin:ingest_status")

    @admin.display(description="duration")
    def duration(self, run: IngestRun) -> str:
        """Return hours, minutes and seconds; for a running run, so far."""
        seconds = int(((run.finished_at or timezone.now()) - run.started_at).total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"

    @admin.display(description="failed", ordering="failed")
    def failures_link(self, run: IngestRun) -> SafeString | str:
        """Return the number of failures, as a link to them."""
        if not run.failed:
            return "0"
        return format_html('<a href="../ingestfailure/?run={}">{}</a>', run.pk, run.failed)

    def has_stop_permission(self, request: HttpRequest) -> bool:
        """Let those stop runs who have the permission to change them."""
        return request.user.has_perm("ingest.change_ingestrun")

    @admin.action(description="Stop", permissions=["stop"])
    def stop(self, request: HttpRequest, queryset: QuerySet[IngestRun]) -> None:
        """End running runs; workers skip their remaining steps."""
        stopped = 0
        for run in queryset.filter(state=IngestRun.State.RUNNING):
            lifecycle.end(run.pk, f"stopped in the admin by {request.user}")
            stopped += 1
        self.message_user(request, f"{stopped} stopped.", messages.SUCCESS)


@admin.register(IngestFailure)
class IngestFailureAdmin(ReadOnly):
    """Failures by stage and reason."""

    list_display = ("created_at", "run", "stage", "reason", "artic_id", "message", "resolved_at")
    list_filter = ("stage", "reason", ("resolved_at", admin.EmptyFieldListFilter))
    search_fields = ("message", "=artic_id")
    list_select_related = ("run",)


@admin.register(IngestStep)
class IngestStepAdmin(ReadOnly):
    """The steps of each run: which are open, and which process has them."""

    list_display = ("run", "stage", "number", "state", "claimed_by", "claimed_at", "finished_at")
    list_filter = ("state", "stage")
    list_select_related = ("run",)


@admin.action(description="Load pictures again", permissions=["process"])
def fetch_pictures(
    works_admin: "admin.ModelAdmin[Artwork]", request: HttpRequest, queryset: QuerySet[Artwork]
) -> None:
    """Fetch the pictures of these works again; until they come, the works show none."""
    if queryset.count() > MOST:
        advice = f"Choose at most {MOST:,} works."
        return works_admin.message_user(request, advice, messages.ERROR)
    works, are_queued = fetch_again(queryset)
    user: Any = request.user
    LogEntry.objects.log_actions(user.pk, works, CHANGE, "Picture will be loaded again.")
    how = "are being loaded" if are_queued else "will be loaded by the next manage.py ingest_artic"
    return works_admin.message_user(request, f"{len(works)} {how}.", messages.SUCCESS)


# museum.admin may not import ingest, so the action is added from here.
_works = admin.site.get_model_admin(Artwork)
_works.actions = [*(_works.actions or []), fetch_pictures]
