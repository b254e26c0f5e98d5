"""Experiments in the admin: start, results and end."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from search.embeddings import activation, coverage, registry
from search.models import EmbeddingModel, Experiment


class ExperimentForm(forms.ModelForm):
    """Start an experiment with a candidate that could be activated at once."""

    class Meta:
        model = Experiment
        fields = ["candidate", "share"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "candidate" in self.fields:
            ready = EmbeddingModel.objects.filter(state=EmbeddingModel.State.READY)
            self.fields["candidate"].queryset = ready  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check that no experiment is running, and that baseline and candidate can answer."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if Experiment.objects.filter(is_running=True).exists():
            raise ValidationError("Another experiment is running. End it first.")
        baseline = registry.active()
        if baseline is None:
            raise ValidationError("No model is active, so there is nothing to compare with.")
        if candidate := data.get("candidate"):
            try:
                activation.refuse_gaps(candidate, count=coverage.recent_gaps)
                activation.refuse_unprepared(candidate)
            except (activation.ActivationRefusedError, coverage.CountPendingError) as error:
                raise ValidationError(f"{error}.") from error
        self.instance.baseline = baseline
        return data


@admin.register(Experiment)
class ExperimentAdmin(admin.ModelAdmin):
    """Experiments: two models on one page for a share of searches, compared by clicks."""

    form = ExperimentForm
    list_display = [
        "candidate", "baseline", "share", "is_running", "win_rate", "started_at", "ended_at",
    ]  # fmt: skip
    list_select_related = ["candidate", "baseline"]
    actions = ["end"]

    @admin.display(description="win rate of the candidate")
    def win_rate(self, experiment: Experiment) -> str:
        """Return the share of pages with more clicks for the candidate, with its 95 % interval."""
        return str(experiment.outcome)

    @admin.action(
        description="End the experiment (count the clicks, then delete them)",
        permissions=["change"],
    )
    def end(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        """End the chosen experiments."""
        for experiment in queryset:
            experiment.end()
        self.message_user(request, f"Ended: {len(queryset)}.")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Make a started experiment read-only: a change would mix two experiments."""
        return self.list_display if obj else []

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Ask for candidate and share; show everything of an existing experiment."""
        return self.list_display if obj else ["candidate", "share"]
