"""Runs of the ingest, their steps and their failures."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class IngestRun(models.Model):
    """One run of an ingest, with its counts and its end."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        PARTIAL = "partial"
        FAILED = "failed"

    source = models.SlugField(default="artic")
    base_url = models.TextField(blank=True)
    options = models.JSONField(default=dict, blank=True)
    state = models.SlugField(choices=State.choices, default=State.RUNNING)
    message = models.TextField(blank=True, help_text="Why the run ended as it did.")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    high_water = models.DateTimeField(
        null=True, blank=True, help_text="Latest updated_at seen in this run."
    )
    crawled_at = models.DateTimeField(
        null=True, blank=True, help_text="When the last record of the source was read."
    )
    iiif_url = models.TextField(
        blank=True, help_text="Address of the picture server used by this run."
    )
    expected = models.PositiveIntegerField(
        null=True, blank=True, help_text="Number of records the source announced."
    )
    stopped = models.JSONField(
        default=dict, blank=True, help_text="Stages that were abandoned, with the reason for each."
    )
    seen = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    images = models.PositiveIntegerField(default=0)
    embedded = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)

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


class IngestStep(models.Model):
    """One piece of a run's work, for this process or for a Celery worker.

    A step is claimed by a conditional UPDATE and done in the transaction that stores its results,
    so a step that is delivered twice counts once. `keys` are public ids of works for a page,
    primary keys of artworks otherwise; a page has them once it is done.
    """

    class Stage(models.TextChoices):
        PAGE = "page"
        IMAGE = "image"
        EMBED = "embed"

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        FAILED = "failed"

    run = models.ForeignKey(IngestRun, on_delete=models.CASCADE, related_name="steps")
    stage = models.SlugField(max_length=8, choices=Stage.choices, db_index=False)
    number = models.PositiveIntegerField(help_text="Position within its stage.")
    page = models.PositiveIntegerField(
        default=1,
        help_text="Page of the listing. Some are read twice, because records move between pages.",
    )
    keys = ArrayField(models.BigIntegerField(), default=list, blank=True)
    state = models.SlugField(
        max_length=8, choices=State.choices, default=State.OPEN, db_index=False
    )
    claimed_by = models.CharField(
        max_length=64, blank=True, help_text="Task or process that is working on it."
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "stage", "number"], name="ingest_step_run_stage_number_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["run"], condition=Q(state="open"), name="ingest_step_open"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.number} of run {self.run_id}: {self.state}"


class IngestFailure(models.Model):
    """One thing that a run could not do; `artic_id` is empty if a whole page failed."""

    class Stage(models.TextChoices):
        PAGE = "page"
        RECORD = "record"
        IMAGE = "image"
        EMBED = "embed"

    run = models.ForeignKey(IngestRun, on_delete=models.CASCADE, related_name="failures")
    stage = models.SlugField(choices=Stage.choices)
    reason = models.SlugField(help_text="Short code used for grouping, such as http-403.")
    message = models.TextField()
    artic_id = models.BigIntegerField(null=True, blank=True)
    url = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["stage", "reason"], name="ingest_failure_reason"),
            models.Index(
                fields=["artic_id"],
                condition=Q(resolved_at__isnull=True),
                name="ingest_failure_unresolved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.artic_id or ''}: {self.message}"
