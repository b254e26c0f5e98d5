"""Nightly tasks of Celery beat."""

from celery import shared_task

from operations import recall_probe


@shared_task(name="operations.tasks.probe_recall", expires=3600)
def probe_recall() -> list[float]:
    """Compare the vector indexes with exact scans; log an error if recall is too low."""
    return [probe.recall for probe in recall_probe.take()]
