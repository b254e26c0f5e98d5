"""The figures of evaluations, stored with the models for `manage.py activate` to compare."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from search.embeddings.model_comparison import NAMES
from search.models import EmbeddingModel
from training.evaluation.results import TO_PICTURE


def record(summary: Mapping[str, Any]) -> list[str]:
    """Store the text-to-picture figures of `Evaluation.summary` with each registered model.

    Returns the models' names.
    """
    recorded = []
    for name, fingerprint in summary["fingerprints"].items():
        if figures := _figures(summary, name):
            recorded += _store(name, fingerprint, figures)
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
def _store(name: str, fingerprint: str, figures: dict[str, Any]) -> list[str]:
    models = EmbeddingModel.objects.select_for_update().filter(name=name, fingerprint=fingerprint)
    for model in models:
        known = model.metrics.get("evaluation", {})
        model.metrics["evaluation"] = {**known, **figures}
        model.save(update_fields=["metrics"])
    return [model.name for model in models]
