"""Models and their vectors in the admin: for looking, and for switching which model answers."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string

from museum.admin.large_lists import LargeListAdmin
from search.admin.model_activation import SwitchingAdmin
from search.analytics import charts
from search.embeddings import hnsw_index, metric_tables, storage_size
from search.models import Embedding, EmbeddingModel, Experiment

State = EmbeddingModel.State


@admin.register(EmbeddingModel)
class EmbeddingModelAdmin(SwitchingAdmin):
    """What each model is, how much it has embedded, and which one answers searches.

    Rows are made by `manage.py embed --model`, which knows dimension and fingerprint.
    """

    list_display = [
        "name", "state", "figures", "pictures", "passages", "room", "licence", "activated_at",
        "win_rate", "fingerprint",
    ]  # fmt: skip
    actions = ["activate"]
    readonly_fields = [
        "name", "architecture", "pretrained", "checkpoint", "fingerprint", "dimension",
        "is_synthetic", "state", "pictures", "passages", "room", "figures", "sweep",
        "metrics", "created_at", "activated_at", "win_rate",
    ]  # fmt: skip
    fields = [*readonly_fields, "licence"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmbeddingModel]:
        """Add the experiments, newest first."""
        experiments = Experiment.objects.select_related("baseline")
        return super().get_queryset(request).prefetch_related(Prefetch("experiments", experiments))

    @admin.display
    def pictures(self, model: EmbeddingModel) -> int:
        """Pictures embedded."""
        return storage_size.size(model).pictures

    @admin.display
    def passages(self, model: EmbeddingModel) -> int:
        """Passages of texts embedded."""
        return storage_size.size(model).passages

    @admin.display(description="size")
    def room(self, model: EmbeddingModel) -> str:
        """Bytes of vectors and towers."""
        size = storage_size.size(model)
        towers = f", towers {filesizeformat(size.towers)}" if size.towers else ""
        return f"vectors {filesizeformat(size.vectors)}{towers}"

    @admin.display
    def figures(self, model: EmbeddingModel) -> str:
        """What was measured, as tables."""
        tables = metric_tables.tables(model.metrics)
        return render_to_string("admin/search/embeddingmodel/_figures.html", {"tables": tables})

    @admin.display(description="weight of the fine-tuned model")
    def sweep(self, model: EmbeddingModel) -> str:
        """What the weights between base and fine-tuned model were worth, as a chart."""
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
        """How its last experiment went, against the model that was active then."""
        experiment = next(iter(model.experiments.all()), None)
        return f"{experiment.outcome} against {experiment.baseline}" if experiment else "-"

    @admin.action(description="Activate this model", permissions=["change"])
    def activate(
        self, request: HttpRequest, queryset: QuerySet[EmbeddingModel]
    ) -> HttpResponse | None:
        """Go on to the page that asks."""
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose exactly one model.", messages.ERROR)
            return None
        return redirect("admin:search_activate", chosen[0].pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Forbid it: only an encoder knows its dimension and fingerprint."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Forbid it for the model that answers searches."""
        is_active = isinstance(obj, EmbeddingModel) and obj.state == State.ACTIVE
        return not is_active and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Leave out deleting in bulk, which would not ask about each model."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_model(self, request: HttpRequest, obj: EmbeddingModel) -> None:
        """Delete the model with its vectors and their indexes."""
        hnsw_index.drop(obj)
        super().delete_model(request, obj)


@admin.register(Embedding)
class EmbeddingAdmin(LargeListAdmin):
    """Which vectors there are; their numbers would tell nobody anything."""

    list_display = ["artwork", "model", "kind", "part", "source_hash", "created_at"]
    list_filter = ["kind", "model"]
    list_select_related = ["artwork", "model"]
    search_fields = ["=artwork__artic_id"]
    search_help_text = "Enter the id of the work."
    sortable_by = ()  # any column would sort every vector's row
    ordering = ["-pk"]
    readonly_fields = [
        "artwork", "model", "kind", "part", "description", "start", "end", "passage",
        "source_hash", "created_at",
    ]  # fmt: skip
    fields = [*readonly_fields]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Embedding]:
        """Leave the vectors in the database."""
        return super().get_queryset(request).defer("vector", "artwork__search_document")

    @admin.display
    def passage(self, row: Embedding) -> str:
        """Return the text that was embedded."""
        return row.description.text[row.start : row.end] if row.description else ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Forbid it: `manage.py embed` makes vectors."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Forbid it: a vector belongs to its source."""
        return False
