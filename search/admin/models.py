"""Models and their vectors in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string

from museum.admin.large_lists import LargeListAdmin
from search.admin.model_activation import ActivationAdmin
from search.analytics import charts
from search.embeddings import hnsw_index, metric_tables, storage_size
from search.models import Embedding, EmbeddingModel, Experiment

State = EmbeddingModel.State


@admin.register(EmbeddingModel)
class EmbeddingModelAdmin(ActivationAdmin):
    """Models: their state, figures, numbers of vectors, size and licence.

    `manage.py embed --model` adds rows, since it knows dimension and fingerprint.
    """

    list_display = [
        "name", "state", "figures", "pictures", "passages", "storage", "licence", "activated_at",
        "win_rate", "fingerprint",
    ]  # fmt: skip
    actions = ["activate"]
    readonly_fields = [
        "name", "architecture", "pretrained", "checkpoint", "fingerprint", "dimension",
        "is_synthetic", "state", "pictures", "passages", "storage", "figures", "sweep",
        "metrics", "created_at", "activated_at", "win_rate",
    ]  # fmt: skip
    fields = [*readonly_fields, "licence"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmbeddingModel]:
        """Prefetch the experiments, newest first."""
        experiments = Experiment.objects.select_related("baseline")
        return super().get_queryset(request).prefetch_related(Prefetch("experiments", experiments))

    @admin.display
    def pictures(self, model: EmbeddingModel) -> int:
        """Return the number of pictures embedded."""
        return storage_size.size(model).pictures

    @admin.display
    def passages(self, model: EmbeddingModel) -> int:
        """Return the number of passages embedded."""
        return storage_size.size(model).passages

    @admin.display(description="size")
    def storage(self, model: EmbeddingModel) -> str:
        """Return the size of vectors and exported towers."""
        size = storage_size.size(model)
        towers = f", towers {filesizeformat(size.towers)}" if size.towers else ""
        return f"vectors {filesizeformat(size.vectors)}{towers}"

    @admin.display
    def figures(self, model: EmbeddingModel) -> str:
        """Return the metrics as tables."""
        tables = metric_tables.tables(model.metrics)
        return render_to_string("admin/search/embeddingmodel/_figures.html", {"tables": tables})

    @admin.display(description="weight of the fine-tuned model")
    def sweep(self, model: EmbeddingModel) -> str:
        """Return a chart of the metrics by the weight of the fine-tuned model (WiSE-FT)."""
        points = model.metrics.get("sweep", [])
        if not points:
            return "-"
        names = {"mrr": "validation MRR", "probe": "kept on the probe"}
        series = {
            label: [(point["alpha"], point[name]) for point in points]
            for name, label in names.items()
            if all(point.get(name) is not None for point in points)
        }
        chosen = model.metrics["alpha"]
        context = {"chart": charts.lines(series, chosen), "chosen": chosen}
        return render_to_string("admin/search/embeddingmodel/_sweep.html", context)

    @admin.display(description="last win rate")
    def win_rate(self, model: EmbeddingModel) -> str:
        """Return the outcome of the last experiment and its baseline."""
        experiment = next(iter(model.experiments.all()), None)
        return f"{experiment.outcome} against {experiment.baseline}" if experiment else "-"

    @admin.action(description="Activate this model", permissions=["change"])
    def activate(
        self, request: HttpRequest, queryset: QuerySet[EmbeddingModel]
    ) -> HttpResponse | None:
        """Redirect to the confirmation page of the chosen model."""
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose exactly one model.", messages.ERROR)
            return None
        return redirect("admin:search_activate", chosen[0].pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: dimension and fingerprint come from the encoder."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Forbid deleting the active model."""
        is_active = isinstance(obj, EmbeddingModel) and obj.state == State.ACTIVE
        return not is_active and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Remove bulk deletion, which would not ask about each model."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_model(self, request: HttpRequest, obj: EmbeddingModel) -> None:
        """Delete the model with its vectors and indexes."""
        hnsw_index.drop(obj)
        super().delete_model(request, obj)


@admin.register(Embedding)
class EmbeddingAdmin(LargeListAdmin):
    """Vectors: their works, sources and dates, without the numbers."""

    list_display = ["artwork", "model", "kind", "part", "source_hash", "created_at"]
    list_filter = ["kind", "model"]
    list_select_related = ["artwork", "model"]
    search_fields = ["=artwork__artic_id"]
    search_help_text = "Enter the id of the work."
    sortable_by = ()  # sorting would read every row of a large table
    ordering = ["-pk"]
    readonly_fields = [
        "artwork", "model", "kind", "part", "description", "start", "end", "passage",
        "source_hash", "created_at",
    ]  # fmt: skip
    fields = [*readonly_fields]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Embedding]:
        """Defer the vectors."""
        return super().get_queryset(request).defer("vector", "artwork__search_document")

    @admin.display
    def passage(self, row: Embedding) -> str:
        """Return the text that was embedded."""
        return row.description.text[row.start : row.end] if row.description else ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: `manage.py embed` adds vectors."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return False: a vector follows from its source."""
        return False
