"""What Celery beat asks for at night."""

from celery import shared_task

from operations import recall_probe


@shared_task(name="operations.tasks.probe_recall", expires=3600)
def probe_recall() -> list[float]:
    """Compare the vector indexes with whole scans; what is too low is an error in the log."""
    return [taken.recall for taken in recall_probe.take()]
