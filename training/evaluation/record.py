"""What an evaluation found, kept with the models: `manage.py activate` compares by it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from search.embeddings.model_comparison import NAMES
from search.models import EmbeddingModel
from training.evaluation.results import TO_PICTURE


def record(summary: Mapping[str, Any]) -> list[str]:
    """Keep the figures of `Evaluation.summary` with each registered model that was asked for
    pictures by texts; return the models' names."""
    recorded = []
    for name, fingerprint in summary["fingerprints"].items():
        if found := _figures(summary, name):
            recorded += _keep(name, fingerprint, found)
    return recorded


def _figures(summary: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {
        f"{each['set']} ({summary['data']}, {summary['part']})": {
            "queries": each["queries"],
            "gallery": each["gallery"],
            **{
                measure: each["rows"][name][measure]["mean"]
                for measure in NAMES
                if measure in each["rows"][name]
            },
        }
        for each in summary["sets"]
        if each["direction"] == TO_PICTURE and name in each["rows"]
    }


@transaction.atomic
def _keep(name: str, fingerprint: str, found: dict[str, Any]) -> list[str]:
    rows = EmbeddingModel.objects.select_for_update().filter(name=name, fingerprint=fingerprint)
    for model in rows:
        known = model.metrics.get("evaluation", {})
        model.metrics["evaluation"] = {**known, **found}
        model.save(update_fields=["metrics"])
    return [model.name for model in rows]
