"""Runs, their steps and their failures, to be read; a run that is under way can be stopped."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ingest import runs
from ingest.models import IngestFailure, IngestRun, IngestStep


class ReadOnly(admin.ModelAdmin):
    """What the pipeline wrote is not for editing."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(IngestRun)
class IngestRunAdmin(ReadOnly):
    """Runs, the newest first, with how long they took and what they brought."""

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

    @admin.display(description="duration")
    def duration(self, run: IngestRun) -> str:
        """Hours, minutes and seconds; of a run under way, so far."""
        seconds = int(((run.finished_at or timezone.now()) - run.started_at).total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"

    @admin.display(description="failed", ordering="failed")
    def failures_link(self, run: IngestRun) -> SafeString | str:
        """The number of failures, linked to them."""
        if not run.failed:
            return "0"
        return format_html('<a href="../ingestfailure/?run={}">{}</a>', run.pk, run.failed)

    def has_stop_permission(self, request: HttpRequest) -> bool:
        """Whoever might change runs may stop them."""
        return request.user.has_perm("ingest.change_ingestrun")

    @admin.action(description="Stop", permissions=["stop"])
    def stop(self, request: HttpRequest, queryset: QuerySet[IngestRun]) -> None:
        """End runs that are under way; workers leave their remaining steps alone."""
        stopped = 0
        for run in queryset.filter(state=IngestRun.State.RUNNING):
            runs.end(run.pk, f"stopped in the admin by {request.user}")
            stopped += 1
        self.message_user(request, f"{stopped} stopped.", messages.SUCCESS)


@admin.register(IngestFailure)
class IngestFailureAdmin(ReadOnly):
    """What could not be done, by stage and reason."""

    list_display = ("created_at", "run", "stage", "reason", "artic_id", "message", "resolved_at")
    list_filter = ("stage", "reason", ("resolved_at", admin.EmptyFieldListFilter))
    search_fields = ("message", "=artic_id")
    list_select_related = ("run",)


@admin.register(IngestStep)
class IngestStepAdmin(ReadOnly):
    """The pieces of work of each run: what is open, and who has it."""

    list_display = ("run", "stage", "number", "state", "claimed_by", "claimed_at", "finished_at")
    list_filter = ("state", "stage")
    list_select_related = ("run",)
