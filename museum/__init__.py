"""The collection and the project around it: settings, models, pages that show one work."""

from museum.celery import app as celery_app

__all__ = ["celery_app"]
