"""What each ingest did, and what it could not do."""

from django.db import models
from django.db.models import Q


class IngestRun(models.Model):
    """One run of an ingest, with its counts and how it ended."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        PARTIAL = "partial"
        FAILED = "failed"

    source = models.SlugField(default="artic")
    base_url = models.TextField(blank=True)
    options = models.JSONField(default=dict, blank=True)
    state = models.SlugField(choices=State.choices, default=State.RUNNING)
    message = models.TextField(blank=True, help_text="why it ended as it did")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    high_water = models.DateTimeField(
        null=True, blank=True, help_text="newest updated_at that this run has seen"
    )
    seen = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    images = models.PositiveIntegerField(default=0)
    embedded = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running") | Q(finished_at__isnull=False),
                name="ingest_run_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.source}: {self.state}"


class IngestFailure(models.Model):
    """One thing that a run could not do; `artic_id` is empty where a whole page failed."""

    class Stage(models.TextChoices):
        PAGE = "page"
        RECORD = "record"
        IMAGE = "image"
        EMBED = "embed"

    run = models.ForeignKey(IngestRun, on_delete=models.CASCADE, related_name="failures")
    stage = models.SlugField(choices=Stage.choices)
    reason = models.SlugField(help_text="a short code to group by, such as http-403")
    message = models.TextField()
    artic_id = models.BigIntegerField(null=True, blank=True)
    url = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["stage", "reason"], name="ingest_failure_reason")]

    def __str__(self) -> str:
        return f"{self.stage} {self.artic_id or ''}: {self.message}"
